import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import { declaredRun } from "./history.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

/** The append-only log. */
export function describeLog(on: OpenRegistry): void {
  describe("the log", () => {
    it("has every event as it was appended, oldest first, of all sessions or of one", () => {
      on.history.declare(on.session, "prep");
      const other = on.history.startSession();
      const ref = on.history.complete(on.session, "prep", { saves: ["table"] });
      const published = { run_id: ref.run_id, dataset: "table", location: "/plain.csv" };
      on.history.add({
        type: "dataset.published",
        time: on.history.time,
        session_id: on.session,
        run: "prep",
        ...published,
      });
      expect([...on.registry.events()]).toEqual(on.history.events);
      expect([...on.registry.events(other)]).toEqual(on.history.events.filter((event) => event.session_id === other));
      expect([...on.registry.events("unknown")]).toEqual([]);
    });

    it("is followed from one number of it to its end, of all sessions or of one", () => {
      on.history.declare(on.session, "prep");
      const other = on.history.startSession();
      const all = [...on.registry.follow({ after: 0 })];
      expect(all).toEqual(on.history.events.map((event, at) => ({ seq: at + 1, event })));
      expect([...on.registry.follow({ after: 3 })]).toEqual([]);
      on.history.declare(other, "train");
      on.history.declare(on.session, "report");
      expect([...on.registry.follow({ after: 3 })].map(({ seq }) => seq)).toEqual([4, 5]);
      expect([...on.registry.follow({ after: 1, session: on.session })].map(({ seq }) => seq)).toEqual([2, 5]);
    });

    it("is longer than a page", () => {
      on.history.declare(on.session, ...Array.from({ length: 1200 }, (_, index) => `r${index}`));
      const skips = Array.from({ length: 1200 }, (_, index): RunEvent => {
        return {
          type: "run.skipped",
          time: on.history.time,
          session_id: on.session,
          run: `r${index}`,
          chain: [],
          reason: "x",
        };
      });
      on.registry.append(skips);
      expect([...on.registry.events(on.session)].slice(2)).toEqual(skips);
    });

    it("can be appended to while it is read", () => {
      on.history.declare(on.session, "prep");
      const seen: string[] = [];
      for (const event of on.registry.events()) {
        if (event.type === "session.started") on.history.skip(on.session, "prep", "x");
        seen.push(event.type);
      }
      expect(seen.slice(0, 2)).toEqual(["session.started", "runs.declared"]);
      expect([...on.registry.events()]).toEqual(on.history.events);
    });

    it("does not change with what was appended or answered", () => {
      on.history.declare(on.session, declaredRun("prep"));
      const declared = on.history.events[1];
      if (declared?.type === "runs.declared") declared.runs[0] = declaredRun("forged");
      const record = on.registry.listRuns()[0];
      if (record !== undefined) record.runtime_params.forged = true;
      expect(on.registry.listRuns()[0]).toMatchObject({
        run: "prep",
        runtime_params: declaredRun("prep").runtime_params,
      });
      expect([...on.registry.events()][1]).toMatchObject({ runs: [declaredRun("prep")] });
    });
  });
}
