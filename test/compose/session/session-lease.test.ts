import { expect, test, vi } from "vitest";
import {
  findVacancy,
  judgeOwner,
  keepLease,
  leaseMs,
  takeOwnership,
} from "../../../src/compose/session/session-lease.ts";
import { SessionLostError } from "../../../src/core/error/registry-error.ts";
import { formatTime, systemClock } from "../../../src/core/port/clock.ts";
import { identifyOwner } from "../../../src/processes/host.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { History } from "../../suites/history.ts";

const NOW = Date.parse("2026-11-23T21:00:00.000Z");
const [past, future] = [NOW - 1, NOW + 1].map(formatTime) as [string, string];
const self = identifyOwner();
const dead = { ...self, start_time: (self.start_time ?? 0) + 1 };

test.each([
  ["working", "this process, within its lease", self, future],
  ["silent", "this process, after its lease", self, past],
  ["gone", "a process that has ended, its lease notwithstanding", dead, future],
  ["gone", "a process of an earlier boot", { ...self, boot_id: "another" }, future],
  ["working", "a process of another machine, within its lease", { ...dead, host: "elsewhere" }, future],
  ["silent", "a process of another machine, after its lease", { ...dead, host: "elsewhere" }, past],
])("%s: %s", (state, _, owner, lease_until) => {
  expect(judgeOwner({ owner, epoch: 1, lease_until }, NOW)).toBe(state);
});

test("a session from before sessions had owners has none", () => {
  expect(judgeOwner(null, NOW)).toBe("gone");
});

test("the lease is long enough for a busy machine, and can be shortened for tests alone", () => {
  expect([leaseMs({}), leaseMs({ RUNWEAVE_LEASE_MS: "50" }), leaseMs({ RUNWEAVE_LEASE_MS: "soon" })]).toEqual([
    30_000, 50, 30_000,
  ]);
});

test("the owner renews its lease, until it learns that another process has the session", async () => {
  vi.stubEnv("RUNWEAVE_LEASE_MS", "30");
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const sessionId = history.startSession();
  const before = registry.ownershipOf(sessionId)?.lease_until;
  const lost = Promise.withResolvers<unknown>();
  const letGo = keepLease({ registry, clock: systemClock, sessionId, epoch: 1, onLost: lost.resolve });
  try {
    await vi.waitFor(() => expect(registry.ownershipOf(sessionId)?.lease_until).not.toBe(before), 120_000);
    registry.append([{ ...resumedBy(sessionId), time: formatTime(NOW) }]);
    expect(await lost.promise).toBeInstanceOf(SessionLostError);
  } finally {
    letGo();
    vi.unstubAllEnvs();
  }
});

test("a session is free once its owner is gone or it has ended, for whoever comes next after the judgement", () => {
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const sessionId = history.startSession();
  const refuse = (): never => {
    throw new Error("owned");
  };
  const judge = () => findVacancy(registry, sessionId, { nowMs: Date.parse(history.time), refuse });
  expect(judge).toThrow("owned");
  history.finishSession(sessionId, "failed");
  const epoch = judge();
  const resumed = { ...resumedBy(sessionId), time: history.time, claim: takeOwnership(systemClock, epoch + 1) };
  registry.append([resumed]);
  expect(judge).toThrow("owned");
  expect(() => registry.append([resumed])).toThrow(SessionLostError);
});

function resumedBy(session_id: ReturnType<History["startSession"]>) {
  return {
    type: "session.resumed" as const,
    session_id,
    claim: takeOwnership(systemClock, 2),
    command_line: [],
    runs: [],
  };
}
