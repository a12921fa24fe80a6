import { describe, expect, it } from "vitest";
import type { ScheduleEffect } from "../../src/execute/next-runs.ts";
import { scheduleOf } from "./make-schedule.ts";

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

  it("starts what needs a run that may fail after its failure, but skips what consumes from it", () => {
    const policies = { flaky: { allowFailure: true }, reader: { consumes: ["flaky"] } };
    const schedule = scheduleOf({ flaky: [], next: ["flaky"], reader: ["flaky"], last: ["reader"] }, { policies });
    schedule.next({ type: "begin" });
    const effects = schedule.next({ type: "ended", run: "flaky", status: "failed" });
    expect(tell(effects)).toEqual(["resolve next", "skip reader", "skip last"]);
    expect(effects.at(-1)).toMatchObject({ reason: "reader was skipped because flaky failed" });
  });

  it("under fail-fast goes on after the failure of a run that may fail", () => {
    const schedule = scheduleOf(
      { flaky: [], other: [] },
      { maxParallel: 1, policies: { flaky: { allowFailure: true } } },
    );
    schedule.next({ type: "begin" });
    for (const run of ["flaky", "other"]) schedule.next({ type: "queued", run });
    expect(tell(schedule.next({ type: "ended", run: "flaky", status: "failed" }))).toEqual(["admit other"]);
  });

  it("starts a run for failures when all that it needs has ended and some has failed, under fail-fast too", () => {
    const policies = { mend: { runOn: "failure" } } as const;
    const schedule = scheduleOf({ a: [], b: [], mend: ["a", "b"], other: ["b"] }, { policies, maxParallel: 1 });
    schedule.next({ type: "begin" });
    for (const run of ["a", "b"]) schedule.next({ type: "queued", run });
    expect(tell(schedule.next({ type: "ended", run: "a", status: "failed" }))).toEqual([
      "skip b",
      "skip other",
      "resolve mend",
    ]);
    expect(tell(schedule.next({ type: "queued", run: "mend" }))).toEqual(["admit mend"]);
  });

  it("skips a run for failures, and what needs it, when nothing has failed, and says so", () => {
    const policies = { mend: { runOn: "failure" } } as const;
    const schedule = scheduleOf({ a: [], mend: ["a"], after: ["mend"] }, { policies });
    schedule.next({ type: "begin" });
    expect(schedule.next({ type: "ended", run: "a", status: "success" })).toEqual([
      { type: "skip", run: "mend", chain: [], reason: "nothing that it waits for has failed" },
      { type: "skip", run: "after", chain: [{ run: "mend", status: "skipped" }], reason: "mend was skipped" },
    ]);
  });

  it("when interrupted cancels runs for failures, and starts those that run always when what they need has ended", () => {
    const policies = { mend: { runOn: "failure" }, clean: { runOn: "always" } } as const;
    const schedule = scheduleOf({ a: [], b: ["a"], mend: ["a"], clean: ["a", "b"] }, { policies });
    schedule.next({ type: "begin" });
    schedule.next({ type: "queued", run: "a" });
    expect(tell(schedule.next({ type: "interrupt" }))).toEqual(["cancel b", "cancel mend"]);
    expect(tell(schedule.next({ type: "ended", run: "a", status: "cancelled" }))).toEqual(["resolve clean"]);
    expect(tell(schedule.next({ type: "queued", run: "clean" }))).toEqual(["admit clean"]);
  });

  it("when killed cancels those that run always too", () => {
    const schedule = scheduleOf({ a: [], clean: ["a"] }, { policies: { clean: { runOn: "always" } } });
    schedule.next({ type: "begin" });
    schedule.next({ type: "interrupt" });
    expect(tell(schedule.next({ type: "kill" }))).toEqual(["cancel clean"]);
    expect(schedule.next({ type: "interrupt" })).toEqual([]);
    expect(schedule.findRefusal("clean")).toBe("interrupted");
  });

  it("gives the slot of a run that waits for its next attempt to the next one", () => {
    const schedule = scheduleOf({ a: [], b: [] }, { maxParallel: 1 });
    schedule.next({ type: "begin" });
    for (const run of ["a", "b"]) schedule.next({ type: "queued", run });
    expect(tell(schedule.next({ type: "retrying", run: "a" }))).toEqual(["admit b"]);
    expect(schedule.next({ type: "queued", run: "a" })).toEqual([]);
    expect(tell(schedule.next({ type: "ended", run: "b", status: "success" }))).toEqual(["admit a"]);
  });

  it("under fail-fast gives up a run between its attempts, or with a further one in the queue", () => {
    const schedule = scheduleOf({ a: [], b: [], c: [] }, { maxParallel: 3 });
    schedule.next({ type: "begin" });
    for (const run of ["a", "b", "c"]) schedule.next({ type: "queued", run });
    for (const run of ["b", "c"]) schedule.next({ type: "retrying", run });
    const reason = "not tried again: a failed, and on_failure is fail-fast";
    expect(schedule.next({ type: "ended", run: "a", status: "failed" })).toEqual([
      { type: "giveUp", run: "b", reason },
      { type: "giveUp", run: "c", reason },
    ]);
    expect(schedule.next({ type: "queued", run: "c" })).toEqual([{ type: "giveUp", run: "c", reason }]);
    expect(schedule.findRefusal("b")).toBe("a failed, and on_failure is fail-fast");
  });

  it("starts nothing while it is paused, retries neither, and all that is due afterwards", () => {
    const schedule = scheduleOf({ a: [], b: [], c: ["a"] });
    schedule.next({ type: "begin" });
    expect(tell(schedule.next({ type: "queued", run: "a" }))).toEqual(["admit a"]);
    expect(schedule.next({ type: "pause" })).toEqual([]);
    expect(schedule.next({ type: "queued", run: "b" })).toEqual([]);
    expect(schedule.next({ type: "retrying", run: "a" })).toEqual([]);
    expect(schedule.next({ type: "queued", run: "a" })).toEqual([]);
    expect(tell(schedule.next({ type: "continue" }))).toEqual(["admit b", "admit a"]);
    expect(schedule.next({ type: "continue" })).toEqual([]);
  });

  it("when interrupted while it is paused, still starts what runs always", () => {
    const schedule = scheduleOf({ a: [], clean: [] }, { policies: { clean: { runOn: "always" } } });
    schedule.next({ type: "begin" });
    schedule.next({ type: "pause" });
    for (const run of ["a", "clean"]) schedule.next({ type: "queued", run });
    expect(tell(schedule.next({ type: "interrupt" }))).toEqual(["cancel a", "admit clean"]);
  });

  it("a run that is cancelled before its turn never starts, and what needs it is skipped with that reason", () => {
    const schedule = scheduleOf({ a: [], b: ["a"], c: ["b"] });
    schedule.next({ type: "begin" });
    expect(schedule.next({ type: "ended", run: "b", status: "cancelled" })).toEqual([
      { type: "skip", run: "c", chain: [{ run: "b", status: "cancelled" }], reason: "b was cancelled" },
    ]);
    expect(schedule.next({ type: "ended", run: "a", status: "success" })).toEqual([]);
  });

  it("holds back what does not fit beside what runs, and starts it when that has ended", () => {
    const gpu = { resources: { cpu: 0, memory: 0, gpu: 1 } };
    const capacity = { cpu: 2, memory: 0, gpu: 1 };
    const schedule = scheduleOf({ a: [], b: [], c: [] }, { maxParallel: 3, capacity, policies: { a: gpu, b: gpu } });
    schedule.next({ type: "begin" });
    expect(["a", "b", "c"].flatMap((run) => tell(schedule.next({ type: "queued", run })))).toEqual([
      "admit a",
      "admit c",
    ]);
    expect(tell(schedule.next({ type: "ended", run: "a", status: "success" }))).toEqual(["admit b"]);
  });
});
