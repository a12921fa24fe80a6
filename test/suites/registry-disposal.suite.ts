import { describe, expect, it } from "vitest";
import type { DisposalEvent } from "../../src/core/event/disposal-event.ts";
import { decideRetention } from "../../src/explain/gc.ts";
import { type AttemptRef, consumedPin, frozenPin, ownershipAt } from "./history.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

/** What becomes of data after their run's end. */
export function describeDisposal(on: OpenRegistry): void {
  const complete = (run: string): AttemptRef => {
    on.history.declare(on.session, run);
    return on.history.complete(on.session, run, { saves: ["model"] });
  };
  const discard = ({ session_id, run, run_id }: AttemptRef, state: "trashed" | "deleted"): DisposalEvent => {
    const entry = `gc-${run_id}`;
    const about = { cause: "gc" as const, state, entry, manifest: "sha256:0", reason: "older than 30d", bytes: 12 };
    return { type: "run.discarded", time: on.history.time, session_id, run, run_id, ...about };
  };
  const restore = ({ session_id, run, run_id }: AttemptRef): DisposalEvent => {
    return { type: "run.restored", time: on.history.time, session_id, run, run_id, entry: `gc-${run_id}` };
  };

  describe("disposal", () => {
    it("an attempt says where its data went, keeps what it saved on record, and says nothing once they are back", () => {
      const [a, b] = [complete("a"), complete("b")];
      on.history.add(discard(a, "trashed"));
      const about = { cause: "gc", state: "trashed", entry: `gc-${a.run_id}`, reason: "older than 30d", bytes: 12 };
      expect(on.registry.findRun(a.run_id)?.discarded).toMatchObject(about);
      expect(on.registry.findRun(a.run_id)?.outputs).toHaveProperty("model");
      expect(on.registry.findRun(b.run_id)?.discarded).toBeNull();
      expect(on.registry.discardsOf([b.run_id, a.run_id])).toMatchObject([{ run_id: a.run_id, manifest: "sha256:0" }]);
      on.history.add(restore(a));
      expect(on.registry.findRun(a.run_id)?.discarded).toBeNull();
      on.history.add(discard(a, "trashed"));
      on.history.add(discard(a, "deleted"));
      expect(on.registry.findRun(a.run_id)?.discarded).toMatchObject({ state: "deleted" });
    });

    it("tells retention of attempts, uses, reads, names and sessions under way, and of nothing that was written apart", () => {
      const a = complete("a");
      on.history.declare(on.session, "b");
      const b = on.history.complete(on.session, "b", { pins: [consumedPin("model", a), frozenPin("raw", "v1")] });
      const about = ({ session_id, run, run_id }: AttemptRef) => ({ time: on.history.time, session_id, run, run_id });
      on.history.add({ type: "alias.set", ...about(a), alias: "champion", dataset: "model" });
      on.history.add({ type: "run.tagged", ...about(b), key: "keep", value: "yes" });
      on.history.add(discard(b, "trashed"));
      expect(on.registry.retentionFacts()).toMatchObject({
        attempts: [
          {
            run_id: a.run_id,
            workflow: "churn",
            source: "/w/churn.yaml",
            bytes: 12,
            is_adopted: false,
            discarded: null,
          },
          { run_id: b.run_id, bytes: 0, discarded: "trashed" },
        ],
        uses: [
          { run_id: a.run_id, source: "/w/churn.yaml" },
          { run_id: b.run_id, status: "success" },
        ],
        reads: [{ reader: b.run_id, writer: a.run_id }],
        tagged: [b.run_id],
        aliased: [{ alias: "champion", run_id: a.run_id }],
        running: [on.session],
      });
    });

    it("retention counts what was recorded last as the newest, though the clock was put back meanwhile", () => {
      const before = complete("a");
      on.history.stepClock(-24 * 60 * 60 * 1000);
      on.history.finishSession(on.session);
      const session = on.history.startSession();
      on.history.declare(session, "a");
      const { run_id } = on.history.complete(session, "a");
      on.history.finishSession(session);
      const retention = { keepLast: 1, since: null };
      expect(decideRetention(on.registry.retentionFacts(), { retention })).toMatchObject([
        { run_id: before.run_id, rule: "goes" },
        { run_id, rule: "among-last" },
      ]);
    });

    it("what a script did is known by the script's path", () => {
      const session = on.history.startSession("script", null);
      on.history.declare(session, "a");
      const { run_id } = on.history.complete(session, "a");
      const { attempts, uses } = on.registry.retentionFacts();
      const about = { run_id, workflow: "script", source: "runweave" };
      expect([attempts.at(-1), uses.at(-1)]).toMatchObject([about, about]);
    });

    it("what is gone does not come back, nor does what never went", () => {
      const [a, b] = [complete("a"), complete("b")];
      on.history.add(discard(a, "deleted"));
      expect(() => on.registry.append([restore(a)])).toThrow("is not in the trash");
      expect(() => on.registry.append([discard(a, "trashed")])).toThrow("gone for good");
      expect(() => on.registry.append([restore(b)])).toThrow("is not in the trash");
    });

    it("a session is rolled back by one process at a time, step by step, and is not resumed afterwards", () => {
      const a = complete("a");
      const about = ({ session_id, run, run_id }: AttemptRef) => ({ time: on.history.time, session_id, run, run_id });
      const published = { dataset: "model", location: "/plain" };
      on.history.add({ type: "publication.prepared", ...about(a), ...published, entry: "e", manifest: "sha256:1" });
      const begin = (epoch: number) => {
        const by = { claim: ownershipAt(epoch), command_line: [], force: false };
        return { type: "rollback.started", time: on.history.time, session_id: on.session, ...by } as const;
      };
      expect(() => on.registry.append([begin(2)])).toThrow("it has not ended");
      on.history.finishSession(on.session, "failed");
      const undone = { type: "publication.undone", ...about(a), ...published } as const;
      expect(() => on.registry.append([undone])).toThrow("it is not being rolled back");
      on.history.add(begin(2));
      expect(() => on.registry.append([begin(2)])).toThrow("was taken over by process 4002");
      on.history.add(undone);
      const failed = { ...about(a), status: "failed", message: "exit code 1", log: "/log" } as const;
      on.history.add({ type: "run.compensated", ...failed });
      on.history.add({ type: "rollback.ended", ...about(a), status: "failed", message: "x" });
      expect(on.registry.findSession(on.session)?.rollback).toMatchObject({ status: "failed" });
      on.history.add(begin(3));
      on.history.add({ type: "run.compensated", ...failed, status: "success" });
      on.history.add({ type: "rollback.ended", ...about(a), status: "done", message: "x" });
      expect(on.registry.undoingsOf(on.session)).toMatchObject({
        formers: [{ location: "/plain", entry: "e", undone_time: expect.any(String) }],
        compensations: [{ run_id: a.run_id, status: "success" }],
      });
      expect(() => on.registry.append([begin(4)])).toThrow("it was rolled back");
      expect(() => on.history.resume(on.session, 4)).toThrow("the session was rolled back");
    });

    it("data of an attempt that goes on are left alone", () => {
      on.history.declare(on.session, "c");
      const c = on.history.resolve(on.session, "c");
      on.history.start(c);
      expect(() => on.registry.append([discard(c, "trashed")])).toThrow("it is running");
    });
  });
}
