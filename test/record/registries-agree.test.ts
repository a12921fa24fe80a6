import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { Registry, RegistryReader } from "../../src/core/port/registry.ts";
import type { Page, PageRequest } from "../../src/core/port/registry-lists.ts";
import { listEarlierAttempts } from "../../src/explain/earlier-attempts.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { anyBatches } from "./random-events.ts";
import { makeScratchFolder } from "./scratch.ts";

const STATUSES = ["pending", "running", "success", "failed", "skipped", "cancelled", "reused"] as const;

/** The answers to every question that these events make sense of. */
function askEverything(registry: RegistryReader): unknown[] {
  const runs = registry.listRuns();
  const events = [...registry.events()];
  const runIds = [
    ...new Set(events.flatMap((event) => ("run_id" in event && event.run_id !== null ? [event.run_id] : []))),
  ];
  return [
    runs,
    events,
    registry.listSessions(),
    registry.listSessions({ status: "failed" }),
    [...registry.links({})],
    [...registry.links({ statements: true })],
    registry.chainHead(),
    [...registry.loads(null)],
    registry.aliasMoves(),
    registry.retentionFacts(),
    registry.lastWriters([{ location: "/d/below", until: "2027" }]),
    registry.listRuns({ tags: [{ key: "team", value: "a" }] }),
    registry.versionsOfContent([{ dataset: "d", hash: "sha256:00" }]),
    registry.verdicts(),
    registry.findSession("latest"),
    registry.findSession("2026-01-s1"),
    registry.listSessions().map(({ session_id }) => listEarlierAttempts(registry, session_id)),
    registry.listSessions().map(({ session_id }) => registry.requestsOf(session_id)),
    registry.listSessions().map(({ session_id }) => registry.undoingsOf(session_id)),
    registry
      .listSessions()
      .map(({ session_id }) => [registry.ownershipOf(session_id), registry.attemptsOfSession(session_id)]),
    STATUSES.map((status) => registry.listRuns({ status, limit: 2 })),
    registry.listRuns({ session: "latest", since: "2026-01-01T00:00:00.002Z" }),
    registry.listRuns({ workflow: "2026-01-s2", status: "success" }),
    [registry.pinsOf(runIds), registry.versionsOf(runIds), registry.loadsOf(runIds), registry.readersOf(runIds)],
    registry.runsOf(registry.listSessions().map(({ session_id }) => session_id)),
    registry.findRecords(runIds),
    [...registry.follow({ after: 3 })],
    readPages((page) => registry.runPage({}, page)),
    readPages((page) => registry.sessionPage({ status: "failed" }, page)),
    registry.adoptedAs(runIds.map((runId) => runId.slice(0, -1))),
    registry.attemptsOf(runs),
    runIds.map((runId) => [
      registry.findRun(runId),
      registry.pinsOf([runId]),
      registry.versionsOf([runId]),
      registry.loadsOf([runId]),
      registry.writersBefore([{ dataset: "fit", run_id: runId }], 2),
      [...registry.links({ run: runId })],
      registry.readersOf([runId]),
      registry.discardsOf([runId]),
    ]),
  ];
}

/** Every page of one list, two items each. The places between them are each registry's own. */
function readPages<T>(read: (page: PageRequest) => Page<T>): T[][] {
  const pages: Page<T>[] = [];
  do pages.push(read({ after: pages.at(-1)?.next ?? null, limit: 2 }));
  while (pages.at(-1)?.next != null);
  return pages.map(({ items }) => items);
}

/** What it refuses the batch with; null if it takes it. */
function tryAppend(registry: Registry, batch: RunEvent[]): string | null {
  try {
    registry.append(batch);
    return null;
  } catch (error) {
    return String(error);
  }
}

it("both registries take and refuse the same events, and then answer alike", () => {
  const folder = makeScratchFolder();
  const seen = new Map<string, number>();
  let count = 0;
  fc.assert(
    fc.property(anyBatches, (batches) => {
      const memory = createMemoryRegistry();
      const sqlite = openSqliteRegistry(join(folder, `${count++}.db`));
      for (const batch of batches) {
        const refusal = tryAppend(memory, batch);
        expect(tryAppend(sqlite, batch)).toBe(refusal);
        if (refusal === null) for (const { type } of batch) seen.set(type, (seen.get(type) ?? 0) + 1);
      }
      const answers = askEverything(memory);
      expect(askEverything(sqlite)).toEqual(answers);
      sqlite.close();
    }),
    { numRuns: 25 },
  );
  // The property says nothing unless the histories reach the ends of runs.
  expect(Object.fromEntries(seen)).toMatchObject({
    "run.succeeded": expect.any(Number),
    "run.failed": expect.any(Number),
    "run.skipped": expect.any(Number),
  });
});
