import { describe, expect, it } from "vitest";
import type { AttemptRef } from "./history.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

/** What people and runs say of runs: aliases, tags, notes, metrics, environments; and who wrote where. */
export function describeNames(on: OpenRegistry): void {
  const complete = (run: string): AttemptRef => {
    on.history.declare(on.session, run);
    return on.history.complete(on.session, run, { saves: ["model"] });
  };
  const about = ({ session_id, run, run_id }: AttemptRef) => ({ time: on.history.time, session_id, run, run_id });

  describe("names", () => {
    it("an alias has all its moves, oldest first, and is refused for a run that did not succeed", () => {
      const [a, b] = [complete("a"), complete("b")];
      on.history.add({ type: "alias.set", ...about(a), alias: "champion", dataset: "model" });
      on.history.add({ type: "alias.set", ...about(b), alias: "other", dataset: "model" });
      on.history.add({ type: "alias.set", ...about(b), alias: "champion", dataset: "model" });
      on.history.add({ type: "alias.removed", ...about(b), alias: "champion" });
      expect(on.registry.aliasMoves("champion").map(({ run_id }) => run_id)).toEqual([a.run_id, b.run_id, null]);
      expect(on.registry.aliasMoves()).toHaveLength(4);
      on.history.declare(on.session, "c");
      const c = on.history.resolve(on.session, "c");
      const refused = { type: "alias.set", ...about(c), alias: "champion", dataset: "model" } as const;
      expect(() => on.registry.append([refused])).toThrow("successful run");
    });

    it("tags are found by key and by value, replaced, and taken off; notes are kept in order", () => {
      const [a, b] = [complete("a"), complete("b")];
      const tag = (ref: AttemptRef, key: string, value: string | null) =>
        on.history.add({ type: "run.tagged", ...about(ref), key, value });
      const find = (key: string, value: string | null = null) =>
        on.registry.listRuns({ tags: [{ key, value }] }).map(({ run }) => run);
      tag(a, "team", "red");
      tag(b, "team", "blue");
      tag(b, "kept", "yes");
      expect([find("team"), find("team", "red"), find("kept"), find("none")]).toEqual([["b", "a"], ["a"], ["b"], []]);
      tag(a, "team", "blue");
      tag(b, "team", null);
      expect([find("team", "blue"), find("team", "red")]).toEqual([["a"], []]);
      const both = [
        { key: "team", value: "blue" },
        { key: "kept", value: null },
      ];
      expect(on.registry.listRuns({ tags: both })).toEqual([]);
      on.history.add({ type: "run.noted", ...about(b), text: "first" });
      on.history.add({ type: "run.noted", ...about(b), text: "second" });
      const record = on.registry.findRun(b.run_id);
      expect(record?.tags).toEqual({ kept: "yes" });
      expect(record?.notes.map(({ text }) => text)).toEqual(["first", "second"]);
    });

    it("warnings of an attempt under way are kept in order, and with that attempt alone", () => {
      on.history.declare(on.session, "a", "b");
      const [a, b] = [on.history.resolve(on.session, "a"), on.history.resolve(on.session, "b")];
      on.history.start(b);
      for (const code of ["first", "second"])
        on.history.add({ type: "run.warned", ...about(b), attempt: 1, code, message: `${code}!` });
      expect(on.registry.findRun(a.run_id)?.warnings).toEqual([]);
      const [first, second] = on.registry.findRun(b.run_id)?.warnings ?? [];
      expect([first, second]).toEqual([
        { code: "first", message: "first!" },
        { code: "second", message: "second!" },
      ]);
    });

    it("metrics and environment are told while a run is under way, and an environment's facts once", () => {
      on.history.declare(on.session, "a", "b");
      const [a, b] = [on.history.resolve(on.session, "a"), on.history.resolve(on.session, "b")];
      const facts = { python: "3.12.1", kedro: "1.7.0", platform: "linux", packages: { pandas: "2.3" } };
      for (const ref of [a, b]) on.history.start(ref);
      on.history.add({ type: "environment.captured", time: on.history.time, ...a, digest: "d1", facts });
      on.history.add({ type: "environment.captured", time: on.history.time, ...b, digest: "d1", facts: null });
      on.history.add({ type: "metrics.reported", time: on.history.time, ...a, metrics: { r2: 0.5, by: { x: [1] } } });
      on.history.succeed(a);
      expect(on.registry.findRun(a.run_id)).toMatchObject({ environment: "d1", metrics: { r2: 0.5, by: { x: [1] } } });
      expect(on.registry.findRun(b.run_id)).toMatchObject({ environment: "d1", metrics: null });
      expect(on.registry.findEnvironment("d1")).toEqual(facts);
      expect(on.registry.findEnvironment("d2")).toBeNull();
      const late = { type: "metrics.reported", time: on.history.time, ...a, metrics: {} } as const;
      expect(() => on.registry.append([late])).toThrow("has ended");
    });
  });

  describe("who wrote where", () => {
    const write = (ref: AttemptRef, location: string): string => {
      const { time } = on.history;
      on.history.add({ type: "dataset.saved", time, ...ref, dataset: "d", version: null, location, node: null });
      return time;
    };

    it("is the last one at the path, above or below it, until the time", () => {
      on.history.declare(on.session, "a", "b");
      const [a, b] = [on.history.resolve(on.session, "a"), on.history.resolve(on.session, "b")];
      const first = write(a, "/data/parts/one.csv");
      const second = write(b, "/data/parts/two.csv");
      write(b, `/store/x/${a.run_id}/x.csv`);
      const find = (location: string, until: string) => on.registry.lastWriters([{ location, until }])[0];
      expect([find("/data/parts", second), find("/data/parts", first)]).toEqual([b.run_id, a.run_id]);
      expect(find("/data/parts/one.csv/inside", second)).toBe(a.run_id);
      expect([find("/data/part", second), find("/data/parts0", second)]).toEqual([null, null]);
      expect(find(`/store/x/${a.run_id}/x.csv`, on.history.time)).toBeNull();
    });

    it("writers of a dataset before each of some attempts are told newest first", () => {
      const [a, b, c] = [complete("a"), complete("b"), complete("c")];
      const earlier = (refs: AttemptRef[], limit = 9) =>
        on.registry.writersBefore(
          refs.map(({ run_id }) => ({ dataset: "model", run_id })),
          limit,
        );
      expect(earlier([c, a, b])).toEqual([[b.run_id, a.run_id], [], [a.run_id]]);
      expect(earlier([c], 1)).toEqual([[b.run_id]]);
      expect(on.registry.writersBefore([{ dataset: "other", run_id: c.run_id }], 9)).toEqual([[]]);
      expect([...on.registry.loads(on.session)]).toEqual([]);
    });
  });
}
