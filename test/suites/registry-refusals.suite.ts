import { beforeEach, describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { RunId, SessionId } from "../../src/core/run-id.ts";
import { type AttemptRef, declaredRun, frozenPin, History } from "./history.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

/** Events that contradict what is recorded. */
export function describeRefusals(on: OpenRegistry): void {
  describe("refuses", () => {
    let ref: AttemptRef;
    let waiting: AttemptRef;
    beforeEach(() => {
      on.history.declare(on.session, "done", "live", "idle", "waiting");
      waiting = on.history.resolve(on.session, "waiting");
      ref = on.history.resolve(on.session, "live");
      on.history.start(ref);
    });

    const refusals: [string, () => void, RegExp][] = [
      [
        "an unknown session",
        () => on.history.declare("2026-x" as SessionId, "a"),
        /session 2026-x refused: its session is unknown/,
      ],
      ["a session twice", () => on.registry.append(on.history.events.slice(0, 1)), /has already started/],
      ["a run declared twice", () => on.history.declare(on.session, "done"), /run "done" is declared twice/],
      [
        "a run declared twice at once",
        () => on.history.declare(on.session, "new", "new"),
        /run "new" is declared twice/,
      ],
      ["an undeclared run", () => on.history.resolve(on.session, "nobody"), /run "nobody".* has not declared it/],
      ["an unknown attempt", () => on.history.start({ ...ref, run_id: "x" as RunId }), /its attempt is unknown/],
      ["another run's attempt", () => on.history.fail({ ...ref, run: "idle" }), /is attempt 1 of run "live"/],
      ["another attempt's number", () => on.history.succeed({ ...ref, attempt: 2 }), /is attempt 1 of run "live"/],
      ["a second start", () => on.history.start(ref), /it is running/],
      ["a second first attempt", () => on.history.resolve(on.session, "live"), /can't follow attempt 1: it is running/],
      [
        "a second attempt beside a live one",
        () => on.history.resolve(on.session, "live", { attempt: 2 }),
        /it is running/,
      ],
      ["a second attempt as the first", () => on.history.resolve(on.session, "idle", { attempt: 2 }), /it is pending/],
      ["a taken run_id", () => on.history.add({ ...resolvedAgain(ref), run: "idle" }), /its run_id is taken/],
      ["a skip of a live run", () => on.history.skip(on.session, "live", "x"), /run "live".* it is running/],
      ["a cancelled live run without its attempt", () => on.history.cancel({ ...ref, run_id: null }), /is under way/],
      ["a success without a start", () => on.history.succeed(waiting), /it is pending/],
      ["a copy of what is not yet saved", () => publish(), /only what a successful attempt saved is published/],
      [
        "two pins of one dataset",
        () => on.history.resolve(on.session, "idle", { pins: [frozenPin("a", "1"), frozenPin("a", "2")] }),
        /./,
      ],
    ];

    const resolvedAgain = (of: AttemptRef) => ({
      type: "run.resolved" as const,
      time: on.history.time,
      ...of,
      pins: [],
    });
    const publish = () =>
      on.history.add({ type: "dataset.published", time: on.history.time, ...ref, dataset: "a", location: "/a" });

    it.each(refusals)("%s, and stores nothing of it", (_, act, message) => {
      const before = [on.registry.findSession(on.session), ...on.registry.events()];
      expect(act).toThrow(message);
      expect([on.registry.findSession(on.session), ...on.registry.events()]).toEqual(before);
    });

    const ends: [string, () => void][] = [
      ["success", () => on.history.succeed(ref, "a")],
      ["failed", () => on.history.fail(ref)],
      ["cancelled", () => on.history.cancel(ref)],
    ];

    const changes: [string, () => void][] = [
      ["start", () => on.history.start(ref)],
      ["success", () => on.history.succeed(ref, "b")],
      ["failure", () => on.history.fail(ref, "late")],
      ["cancellation", () => on.history.cancel(ref)],
      ["node", () => on.history.add({ type: "node.started", time: on.history.time, ...ref, node: "n" })],
      ["load", () => loadLate()],
      ["skip", () => on.history.skip(on.session, "live", "x")],
    ];
    const loadLate = () =>
      on.history.add({
        type: "dataset.loaded",
        time: on.history.time,
        ...ref,
        dataset: "a",
        version: null,
        location: null,
        node: null,
      });

    it.each(ends.flatMap(([status, end]) => changes.map(([name, change]) => [name, status, end, change] as const)))(
      "a %s of a run that has ended as %s",
      (_, status, end, change) => {
        end();
        const before = on.registry.findRun(ref.run_id);
        expect(change).toThrow(new RegExp(`run "live".*refused: it has ended \\(${status}\\)`));
        expect(on.registry.findRun(ref.run_id)).toEqual(before);
      },
    );

    it.each(["success", "cancelled"])("a further attempt after %s", (status) => {
      if (status === "success") on.history.succeed(ref);
      else on.history.cancel(ref);
      expect(() => on.history.resolve(on.session, "live", { attempt: 2 })).toThrow(/it has ended/);
    });

    it("runs of a session that has ended, and its second end", () => {
      on.history.finishSession(on.session, "failed");
      expect(() => on.history.declare(on.session, "more")).toThrow(/the session has ended \(failed\)/);
      expect(() => on.history.finishSession(on.session)).toThrow(/the session has ended \(failed\)/);
    });

    it("the whole batch if one of its events is refused, and goes on as if it had not been", () => {
      const batch = new History();
      batch.start(ref);
      const node: RunEvent = { type: "node.started", time: on.history.time, ...ref, node: "n" };
      const fresh: RunEvent = {
        type: "runs.declared",
        time: on.history.time,
        session_id: on.session,
        runs: [declaredRun("z")],
      };
      const before = [...on.registry.events()];
      expect(() => on.registry.append([node, fresh, ...batch.events])).toThrow(/it is running/);
      expect([...on.registry.events()]).toEqual(before);
      expect(statusOf(on, "z")).toBeUndefined();
      on.registry.append([fresh, node]);
      expect(statusOf(on, "z")).toBe("pending");
    });
  });
}

function statusOf(on: OpenRegistry, run: string): string | undefined {
  return on.registry.listRuns().find((record) => record.run === run)?.status;
}
