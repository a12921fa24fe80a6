import { describe, expect, it } from "vitest";
import { SessionLostError } from "../../src/core/error/registry-error.ts";
import type { HoldRequest } from "../../src/core/hold.ts";
import type { SharedPlace } from "../../src/core/place.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

const owner = { pid: 4242, start_time: 7, boot_id: "boot", host: "vm-1" };
const other = { ...owner, pid: 4343 };

function request(holder: string, path: string, over: Partial<HoldRequest> = {}): HoldRequest {
  const places: SharedPlace[] = [{ path, suffix: null, access: "write" }];
  const about = { session_id: null, run: null, run_id: null, epoch: null };
  return { holder, act: "gc", places, owner, ...about, time: "2026-11-23T21:00:00.000Z", ...over };
}

/** Which act has which place, and in which order the others get it. */
export function describeHolds(on: OpenRegistry): void {
  const queue = () => on.registry.holds.list().map(({ holder, held_time }) => [holder, held_time !== null]);

  describe("holds", () => {
    it("grants what does not conflict, and lets the others wait in the order of their requests", () => {
      const { holds } = on.registry;
      expect(holds.ask(request("a", "/d"), [])).toEqual([]);
      expect(holds.ask(request("b", "/d/x"), [])).toMatchObject([{ holder: "a", owner }]);
      expect(holds.ask(request("c", "/d/x"), []).map(({ holder }) => holder)).toEqual(["a", "b"]);
      expect(holds.ask(request("d", "/e"), [])).toEqual([]);
      expect(queue()).toEqual([
        ["a", true],
        ["b", false],
        ["c", false],
        ["d", true],
      ]);
      holds.release("a", owner);
      expect(holds.before("b")).toEqual([]);
      expect(holds.before("c").map(({ holder }) => holder)).toEqual(["b"]);
      expect(holds.ask(request("b", "/d/x"), [])).toEqual([]);
    });

    it("asks under one name once, whoever asks: who goes on with an attempt has its places already", () => {
      const { holds } = on.registry;
      holds.ask(request("a", "/d"), []);
      holds.ask(request("b", "/d"), []);
      expect(holds.ask(request("a", "/d", { owner: other }), [])).toEqual([]);
      holds.release("a", owner);
      expect(holds.list().map((hold) => hold.owner)).toEqual([other, owner]);
      holds.release("a", other);
      expect(queue()).toEqual([["b", false]]);
    });

    it("removes what has lapsed in the same transaction", () => {
      const { holds } = on.registry;
      holds.ask(request("a", "/d"), []);
      const [before] = holds.ask(request("b", "/d"), []);
      expect(holds.ask(request("b", "/d"), [before?.seq ?? 0])).toEqual([]);
      expect(queue()).toEqual([["b", true]]);
    });

    it("tells that an act is over by the record: its attempt has ended, or its session is another process's", () => {
      const { holds } = on.registry;
      on.history.declare(on.session, "make");
      const attempt = on.history.resolve(on.session, "make");
      const { session_id, run_id } = attempt;
      holds.ask(request("make", "/m", { run_id, session_id }), []);
      holds.ask(request("publish", "/p", { session_id, epoch: 1 }), []);
      const isEnded = () => holds.list().map(({ is_ended }) => is_ended);
      expect(isEnded()).toEqual([false, false]);
      on.history.start(attempt);
      on.history.fail(attempt);
      expect(isEnded()).toEqual([true, false]);
      on.history.resume(on.session, 2, "make");
      expect(isEnded()).toEqual([true, true]);
    });
  });

  describe("a decision in the transaction that records it", () => {
    it("stores what it decides on, by what is on record then", () => {
      on.history.declare(on.session, "make");
      const { run_id } = on.history.complete(on.session, "make", { saves: ["it"] });
      const tagged = { time: on.history.time, session_id: on.session, run: "make", run_id, key: "keep", value: "yes" };
      on.registry.decide(() =>
        on.registry.findRun(run_id)?.status === "success" ? [{ type: "run.tagged", ...tagged }] : [],
      );
      expect(on.registry.findRun(run_id)?.tags).toEqual({ keep: "yes" });
    });

    it("stores nothing of it if it throws, and is not asked once another process has the session", () => {
      const fail = () => {
        throw new Error("no");
      };
      const before = [...on.registry.events()].length;
      expect(() => on.registry.decide(fail)).toThrow("no");
      on.history.resume(on.session, 2);
      expect(() => on.registry.decide(fail, { session_id: on.session, epoch: 1 })).toThrow(SessionLostError);
      expect([...on.registry.events()].length).toBe(before + 1);
    });
  });
}
