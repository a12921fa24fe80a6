import { describe, expect, it } from "vitest";
import type { AttemptRef } from "./history.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

/** What is said of versions, and where they went. */
export function describeVerdicts(on: OpenRegistry): void {
  const complete = (run: string): AttemptRef => {
    on.history.declare(on.session, run);
    return on.history.complete(on.session, run, { saves: ["model"] });
  };
  const about = ({ session_id, run, run_id }: AttemptRef) => {
    return { time: on.history.time, session_id, run, run_id, dataset: "model" };
  };
  const by = { user: "ann", host: "vm-1", pid: 7 };

  describe("verdicts", () => {
    it("are kept in order, with who said them and why", () => {
      const [a, b] = [complete("a"), complete("b")];
      const tainted = on.history.add({ type: "version.tainted", ...about(a), reason: "wrong units", by });
      on.history.add({ type: "version.confirmed", ...about(b), equal_to: a.run_id });
      on.history.add({ type: "version.replaced", ...about(a), replaced_by: b.run_id });
      on.history.add({ type: "version.cleared", ...about(a), reason: null, by });
      const { time, run_id, dataset } = tainted;
      const [first, ...rest] = on.registry.verdicts();
      expect(first).toEqual({ kind: "tainted", run_id, dataset, reason: "wrong units", by, other_run_id: null, time });
      expect(rest).toMatchObject([
        { kind: "confirmed", run_id: b.run_id, by: null, other_run_id: a.run_id },
        { kind: "replaced", run_id, other_run_id: b.run_id },
        { kind: "cleared", run_id, reason: null, by },
      ]);
    });

    it("of a taint that is of this version alone say so", () => {
      const a = complete("a");
      on.history.add({ type: "version.tainted", ...about(a), reason: "wrong units", by, only_this: true });
      expect(on.registry.verdicts()).toMatchObject([{ kind: "tainted", only_this: true }]);
    });

    it("are only of what a successful run saved", () => {
      on.history.declare(on.session, "c");
      const c = on.history.resolve(on.session, "c");
      const refused = { type: "version.tainted", ...about(c), reason: "x", by } as const;
      expect(() => on.registry.append([refused])).toThrow("only what a successful run saved");
      expect(on.registry.verdicts()).toEqual([]);
    });

    it("an attempt stands for its own run, and for those in whose stead it was not executed", () => {
      const a = complete("a");
      const other = on.history.startSession("other");
      on.history.declare(other, "x");
      const reused = { run_id: a.run_id, fingerprint: null, load_versions: {}, reason: "linked" };
      on.history.add({ type: "run.reused", time: on.history.time, session_id: other, run: "x", ...reused });
      expect(on.registry.placesOf([a.run_id, "none"])).toEqual([
        { session_id: on.session, workflow: "churn", run: "a", run_id: a.run_id },
        { session_id: other, workflow: "other", run: "x", run_id: a.run_id },
      ]);
    });

    it("tells what of an attempt was published, and where", () => {
      const [a, b] = [complete("a"), complete("b")];
      const published = on.history.add({ type: "dataset.published", ...about(a), location: "/plain/model" });
      const { run_id, dataset, location, time } = published;
      expect(on.registry.publicationsOf([b.run_id, a.run_id])).toEqual([{ run_id, dataset, location, time }]);
    });
  });
}
