import { describe, expect, it } from "vitest";
import type { RequestMade } from "../../src/core/event/request-event.ts";
import type { SessionId } from "../../src/core/run-id.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

const by = { user: "ann", host: "vm-1", pid: 77 };

/** What is asked of sessions from elsewhere. */
export function describeRequests(on: OpenRegistry): void {
  const ask = (request_id: string, over: Partial<RequestMade> = {}) => {
    const asked = { action: "cancel" as const, run: null, force: false, by };
    on.history.add({
      type: "request.made",
      time: on.history.time,
      session_id: on.session,
      request_id,
      ...asked,
      ...over,
    });
  };
  const accept = (request_id: string) => {
    const asked = { action: "cancel" as const, run: null, force: false, by };
    on.history.add({ type: "request.accepted", time: on.history.time, session_id: on.session, request_id, ...asked });
  };
  const answer = (request_id: string) => {
    const answered = { action: "cancel" as const, run: null, outcome: "done" as const, message: "it is cancelled" };
    on.history.add({
      type: "request.answered",
      time: on.history.time,
      session_id: on.session,
      request_id,
      ...answered,
    });
  };
  const finish = (session_id: SessionId) => {
    const end = { status: "success" as const, duration_ms: 1, runs: [] };
    on.history.add({ type: "session.finished", time: on.history.time, session_id, ...end });
  };
  const pause = (type: "session.paused" | "session.continued") => {
    on.history.add({ type, time: on.history.time, session_id: on.session, by });
  };

  describe("requests", () => {
    it("are kept in the order in which they were made, with who asked and what became of them", () => {
      on.history.declare(on.session, "train");
      ask("one");
      ask("two", { action: "cancel", run: "train", force: true });
      const made = on.registry.requestsOf(on.session);
      expect(made).toMatchObject([
        { request_id: "one", action: "cancel", run: null, force: false, by, accepted_time: null, outcome: null },
        { request_id: "two", run: "train", force: true },
      ]);
      accept("two");
      answer("two");
      expect(on.registry.requestsOf(on.session)[1]).toMatchObject({ outcome: "done", message: "it is cancelled" });
      const [one, two] = on.registry.requestsOf(on.session);
      expect(one).toEqual(made[0]);
      expect([two?.accepted_time, two?.answered_time].every((time) => time != null)).toBe(true);
    });

    it("are taken up and answered once", () => {
      ask("one");
      accept("one");
      expect(() => accept("one")).toThrow("no run waits for that");
      answer("one");
      expect(() => answer("one")).toThrow("has its answer");
      expect(() => accept("unknown")).toThrow("no run waits for that");
      expect(() => ask("one")).toThrow();
    });

    it("are refused by a session that has ended, or lacks the run", () => {
      expect(() => ask("one", { run: "train" })).toThrow('no run "train"');
      finish(on.session);
      expect(() => ask("two")).toThrow("the session has ended (success)");
      expect(on.registry.requestsOf(on.session)).toEqual([]);
    });

    it("that nobody has answered are answered by the end of the session", () => {
      ask("one");
      ask("two");
      accept("two");
      answer("two");
      finish(on.session);
      expect(on.registry.requestsOf(on.session)).toMatchObject([
        { outcome: "refused", message: "the session had ended: success" },
        { outcome: "done" },
      ]);
    });

    it("of what is cancelled when the session ends, a cancel that nobody had seen is done", () => {
      ask("all");
      ask("hold", { action: "pause" });
      on.history.finishSession(on.session, "cancelled");
      expect(on.registry.requestsOf(on.session)).toMatchObject([
        { outcome: "done", message: "the session had ended: cancelled" },
        { outcome: "refused", message: "the session had ended: cancelled" },
      ]);
    });

    it("a session is paused since a time until it is continued, or ends", () => {
      const since = () => on.registry.findSession(on.session)?.paused_since;
      expect(since()).toBeNull();
      expect(() => pause("session.continued")).toThrow("it is not paused");
      pause("session.paused");
      expect(since()).not.toBeNull();
      expect(() => pause("session.paused")).toThrow("paused already");
      pause("session.continued");
      expect(since()).toBeNull();
      pause("session.paused");
      finish(on.session);
      expect(since()).toBeNull();
      expect(() => pause("session.continued")).toThrow("the session has ended");
    });
  });
}
