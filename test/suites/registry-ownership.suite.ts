import { describe, expect, it } from "vitest";
import { SessionLostError } from "../../src/core/error/registry-error.ts";
import type { RunEvent } from "../../src/core/event/event.ts";
import { listEarlierAttempts } from "../../src/explain/earlier-attempts.ts";
import { ownershipAt } from "./history.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

/** Who has a session, and what becomes of its runs when another takes it over. */
export function describeOwnership(on: OpenRegistry): void {
  const statuses = () =>
    Object.fromEntries(on.registry.findSession(on.session)?.runs.map(({ run, status }) => [run, status]) ?? []);
  const finished = (): RunEvent => {
    const end = { status: "failed" as const, duration_ms: 1, runs: [] };
    return { type: "session.finished", time: on.history.time, session_id: on.session, ...end };
  };

  describe("ownership", () => {
    it("tells who started a session, and who took it over", () => {
      expect(on.registry.ownershipOf(on.session)).toEqual(ownershipAt(1));
      on.history.resume(on.session, 2);
      expect(on.registry.ownershipOf(on.session)).toEqual(ownershipAt(2));
    });

    it("lets one of two have the next epoch, and tells the other who has it", () => {
      on.history.resume(on.session, 2);
      expect(() => on.history.resume(on.session, 2)).toThrow(SessionLostError);
      expect(() => on.history.resume(on.session, 2)).toThrow(/taken over by process 4002 on vm-1/);
      expect(() => on.history.resume(on.session, 4)).toThrow(SessionLostError);
    });

    it("refuses what an owner writes who lost the session, and stores nothing of it", () => {
      on.registry.append([declared("a")], 1);
      on.history.resume(on.session, 2);
      const before = [...on.registry.events()];
      expect(() => on.registry.append([declared("b"), finished()], 1)).toThrow(SessionLostError);
      expect([...on.registry.events()]).toEqual(before);
      on.registry.append([finished()], 2);
      expect(on.registry.findSession(on.session)?.status).toBe("failed");
    });

    it("renews the lease of the owner, of nobody else", () => {
      const lease_until = "2026-11-23T22:00:00.000Z";
      on.registry.renewLease({ session_id: on.session, epoch: 1, lease_until });
      expect(on.registry.ownershipOf(on.session)).toEqual({ ...ownershipAt(1), lease_until });
      on.history.resume(on.session, 2);
      expect(() => on.registry.renewLease({ session_id: on.session, epoch: 1, lease_until })).toThrow(SessionLostError);
      expect(on.registry.ownershipOf(on.session)).toEqual(ownershipAt(2));
    });

    it("reopens a session that failed: its runs wait again, its attempts stay as they ended", () => {
      on.history.declare(on.session, "good", "bad", "cut", "after");
      on.history.complete(on.session, "good", { saves: ["table"] });
      const bad = on.history.resolve(on.session, "bad");
      on.history.start(bad);
      on.history.fail(bad);
      const cut = on.history.resolve(on.session, "cut");
      on.history.cancel(cut);
      on.history.skip(on.session, "after", "bad");
      on.history.finishSession(on.session, "failed");
      on.history.resume(on.session, 2, "bad", "cut", "after");
      expect(statuses()).toEqual({ good: "success", bad: "pending", cut: "pending", after: "pending" });
      expect(on.registry.findSession(on.session)).toMatchObject({
        status: "running",
        end_time: null,
        duration_ms: null,
      });
      expect(on.registry.attemptsOfSession(on.session)).toMatchObject([
        { run: "good", status: "success", attempt: 1 },
        { run: "bad", status: "failed", attempt: 1, run_id: bad.run_id, exception: { message: "boom" } },
        { run: "cut", status: "cancelled", attempt: 1 },
      ]);
      for (const run of ["bad", "cut"]) on.history.start(on.history.resolve(on.session, run, { attempt: 2 }));
      on.history.start(on.history.resolve(on.session, "after"));
      expect(on.registry.findRun(bad.run_id)).toMatchObject({ status: "failed", attempt: 1 });
      expect(listEarlierAttempts(on.registry, on.session)).toMatchObject([{ run: "bad" }, { run: "cut" }]);
    });

    it("numbers the attempts of a run on that was resolved and then skipped", () => {
      on.history.declare(on.session, "a");
      on.history.resolve(on.session, "a");
      on.history.skip(on.session, "a", "x");
      on.history.resume(on.session, 2, "a");
      on.history.start(on.history.resolve(on.session, "a", { attempt: 2 }));
      expect(on.registry.attemptsOfSession(on.session)).toMatchObject([{ status: "skipped" }, { status: "running" }]);
    });

    it("ends a reopened run in any way that needs no further attempt", () => {
      on.history.declare(on.session, "a", "b", "c");
      const refs = ["a", "b", "c"].map((run) => on.history.resolve(on.session, run));
      for (const ref of refs) on.history.cancel(ref);
      on.history.resume(on.session, 2, "a", "b", "c");
      const [a, b] = refs as [(typeof refs)[0], (typeof refs)[0]];
      on.history.cancel(a);
      on.history.fail(b, "given up");
      on.history.skip(on.session, "c", "b");
      expect(statuses()).toEqual({ a: "cancelled", b: "failed", c: "skipped" });
      expect(on.registry.attemptsOfSession(on.session).map(({ status }) => status)).toEqual(Array(3).fill("cancelled"));
    });

    it("reopens neither a session that succeeded, nor a run that goes on", () => {
      on.history.declare(on.session, "a");
      on.history.start(on.history.resolve(on.session, "a"));
      expect(() => on.history.resume(on.session, 2, "a")).toThrow(/it is running/);
      expect(() => on.history.resume(on.session, 2, "nobody")).toThrow(/has not declared run "nobody"/);
      on.history.finishSession(on.session, "success");
      expect(() => on.history.resume(on.session, 2)).toThrow(/the session has succeeded/);
    });
  });

  const declared = (run: string): RunEvent => {
    const about = {
      kind: "command" as const,
      needs: [],
      env: null,
      runtime_params: {},
      pipeline_names: [],
      filters: {},
    };
    const runs = [{ run, ...about, max_attempts: 1, allow_failure: false }];
    return { type: "runs.declared", time: on.history.time, session_id: on.session, runs };
  };
}
