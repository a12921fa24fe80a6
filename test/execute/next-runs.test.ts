import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Schedule, type ScheduleEffect } from "../../src/execute/next-runs.ts";

function scheduleOf(
  needs: Record<string, string[]>,
  options: Partial<ConstructorParameters<typeof Schedule>[1]> = {},
): Schedule {
  const runs = Object.entries(needs).map(([run, upstream]) => ({ run, needs: upstream }));
  return new Schedule(runs, { maxParallel: 2, onFailure: "fail-fast", ...options });
}

const tell = (effects: ScheduleEffect[]) => effects.map(({ type, run }) => `${type} ${run}`);

describe("Schedule", () => {
  it("begins with the runs that need nothing, in plan order", () => {
    expect(tell(scheduleOf({ b: [], a: [], c: ["a"] }).next({ type: "begin" }))).toEqual(["resolve b", "resolve a"]);
  });

  it("admits no more runs at once than the limit, first come first served", () => {
    const schedule = scheduleOf({ a: [], b: [], c: [] });
    schedule.next({ type: "begin" });
    expect(tell(schedule.next({ type: "queued", run: "a" }))).toEqual(["admit a"]);
    expect(tell(schedule.next({ type: "queued", run: "b" }))).toEqual(["admit b"]);
    expect(tell(schedule.next({ type: "queued", run: "c" }))).toEqual([]);
    expect(tell(schedule.next({ type: "ended", run: "a", status: "success" }))).toEqual(["admit c"]);
  });

  it("resolves a run when the last that it needs has succeeded, or was reused", () => {
    const schedule = scheduleOf({ a: [], b: [], c: ["a", "b"] });
    schedule.next({ type: "begin" });
    expect(schedule.next({ type: "ended", run: "a", status: "success" })).toEqual([]);
    expect(tell(schedule.next({ type: "ended", run: "b", status: "reused" }))).toEqual(["resolve c"]);
  });

  it("skips every dependant of a failed run, each with the chain of reasons", () => {
    const schedule = scheduleOf(
      { prep: [], features: ["prep"], train: ["features"], other: [] },
      { onFailure: "continue" },
    );
    schedule.next({ type: "begin" });
    expect(schedule.next({ type: "ended", run: "prep", status: "failed" })).toEqual([
      { type: "skip", run: "features", chain: [{ run: "prep", status: "failed" }], reason: "prep failed" },
      {
        type: "skip",
        run: "train",
        chain: [
          { run: "features", status: "skipped" },
          { run: "prep", status: "failed" },
        ],
        reason: "features was skipped because prep failed",
      },
    ]);
  });

  it("under fail-fast starts nothing more after a failure, and says which", () => {
    const schedule = scheduleOf({ a: [], b: [], c: [], later: ["c"] }, { maxParallel: 1 });
    schedule.next({ type: "begin" });
    for (const run of ["a", "b", "c"]) schedule.next({ type: "queued", run });
    const effects = schedule.next({ type: "ended", run: "a", status: "failed" });
    expect(tell(effects)).toEqual(["skip b", "skip c", "skip later"]);
    expect(effects[0]).toMatchObject({ reason: "not started: a failed, and on_failure is fail-fast" });
  });

  it("under continue goes on with what does not depend on the failure", () => {
    const schedule = scheduleOf({ a: [], b: [] }, { maxParallel: 1, onFailure: "continue" });
    schedule.next({ type: "begin" });
    for (const run of ["a", "b"]) schedule.next({ type: "queued", run });
    expect(tell(schedule.next({ type: "ended", run: "a", status: "failed" }))).toEqual(["admit b"]);
  });

  it("cancels what has not started when interrupted, and what is queued later", () => {
    const schedule = scheduleOf({ a: [], b: [], c: ["a"] }, { maxParallel: 1 });
    schedule.next({ type: "begin" });
    schedule.next({ type: "queued", run: "a" });
    expect(tell(schedule.next({ type: "interrupt" }))).toEqual(["cancel c"]);
    expect(tell(schedule.next({ type: "queued", run: "b" }))).toEqual(["cancel b"]);
  });

  it("keeps the beginning and the root of a chain of 100,000 reasons", () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `r${index}`);
    const schedule = scheduleOf(
      Object.fromEntries(names.map((name, index) => [name, index === 0 ? [] : [`r${index - 1}`]])),
    );
    schedule.next({ type: "begin" });
    const effects = schedule.next({ type: "ended", run: "r0", status: "failed" });
    expect(effects).toHaveLength(99_999);
    const last = effects.at(-1);
    if (last?.type !== "skip") throw new Error("the last run was not skipped");
    expect(last.chain.at(0)).toEqual({ run: "r99998", status: "skipped" });
    expect(last.chain.at(-1)).toEqual({ run: "r0", status: "failed" });
  });

  it("brings every run of any graph to exactly one end, never early, never too many at once", () => {
    const graph = fc.integer({ min: 1, max: 25 }).chain((size) =>
      fc.record({
        needs: fc.tuple(
          ...Array.from({ length: size }, (_, i) => fc.subarray(Array.from({ length: i }, (_, j) => `r${j}`))),
        ),
        failing: fc.uniqueArray(fc.integer({ min: 0, max: size - 1 })),
        picks: fc.infiniteStream(fc.nat()),
        maxParallel: fc.integer({ min: 1, max: 4 }),
        onFailure: fc.constantFrom("fail-fast" as const, "continue" as const),
        interruptAfter: fc.option(fc.nat({ max: 10 })),
      }),
    );
    fc.assert(fc.property(graph, (world) => walk(world)));
  });
});

interface World {
  needs: string[][];
  failing: number[];
  picks: Iterator<number>;
  maxParallel: number;
  onFailure: "fail-fast" | "continue";
  interruptAfter: number | null;
}

/** Plays the loop's part: queues what is resolved, runs what is admitted, ends it in an arbitrary order. */
function walk(world: World): void {
  const schedule = scheduleOf(Object.fromEntries(world.needs.map((needs, i) => [`r${i}`, needs])), world);
  const ends = new Map<string, string>();
  const running: string[] = [];
  const due: ScheduleEffect[] = schedule.next({ type: "begin" });
  const end = (run: string, status: "success" | "failed" | "skipped" | "cancelled") => {
    expect(ends.has(run)).toBe(false);
    ends.set(run, status);
    due.push(...schedule.next({ type: "ended", run, status }));
  };
  for (let step = 0; due.length > 0 || running.length > 0; step++) {
    if (step === world.interruptAfter) due.push(...schedule.next({ type: "interrupt" }));
    const effect = due.shift();
    if (effect === undefined) {
      const [run = ""] = running.splice(world.picks.next().value % running.length, 1);
      end(run, world.failing.includes(Number(run.slice(1))) ? "failed" : "success");
    } else if (effect.type === "resolve") {
      for (const upstream of world.needs[Number(effect.run.slice(1))] ?? []) expect(ends.get(upstream)).toBe("success");
      due.push(...schedule.next({ type: "queued", run: effect.run }));
    } else if (effect.type === "admit") {
      running.push(effect.run);
      expect(running.length).toBeLessThanOrEqual(world.maxParallel);
    } else end(effect.run, effect.type === "skip" ? "skipped" : "cancelled");
  }
  expect(ends.size).toBe(world.needs.length);
}
