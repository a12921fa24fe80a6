import { describe, expect, it } from "vitest";
import type { OpenRegistry } from "./registry-fixture.ts";

/** The hashes over the log. */
export function describeChain(on: OpenRegistry): void {
  describe("the chain", () => {
    it("has a link for every event, whole, and ends with its head", () => {
      on.history.declare(on.session, "prep");
      on.history.complete(on.session, "prep", { saves: ["table"] });
      const links = [...on.registry.links({})];
      expect(links.map(({ event }) => event)).toEqual(on.history.events);
      expect(links.map(({ seq, fault }) => ({ seq, fault }))).toEqual(
        on.history.events.map((_, index) => ({ seq: index + 1, fault: null })),
      );
      expect(new Set(links.map(({ hash }) => hash)).size).toBe(links.length);
      expect(on.registry.chainHead()).toEqual({ seq: links.length, hash: links.at(-1)?.hash });
    });

    it("is told of one session, or of the beginning and end of one attempt", () => {
      on.history.declare(on.session, "prep");
      const other = on.history.startSession();
      const ref = on.history.complete(on.session, "prep", { saves: ["table"] });
      const ofOther = [...on.registry.links({ session: other })];
      expect(ofOther).toMatchObject([{ seq: 3, fault: null, event: { type: "session.started" } }]);
      const ofRun = [...on.registry.links({ run: ref.run_id })];
      expect(ofRun).toMatchObject([
        { fault: null, event: { type: "run.resolved" } },
        { fault: null, event: { type: "run.succeeded" } },
      ]);
    });

    it("a batch that is refused leaves the head where it was", () => {
      const head = on.registry.chainHead();
      expect(() => on.history.skip(on.session, "unknown", "x")).toThrow("has not declared");
      expect(on.registry.chainHead()).toEqual(head);
      on.history.declare(on.session, "prep");
      expect([...on.registry.links({})].every(({ fault }) => fault === null)).toBe(true);
    });
  });
}
