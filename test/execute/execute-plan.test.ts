import { describe, expect, it, vi } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import { listVersions } from "../../src/core/read-version.ts";
import { reject } from "../../src/execute/execute-options.ts";
import { chain, startExecution } from "../rig/held-execution.ts";
import { ObedientRunner } from "../rig/obedient-runner.ts";
import { plannedRun } from "../rig/plans.ts";

describe("executePlan", () => {
  it("injects upstream's run_id and the run's own, and starts the dependant after its upstream", async () => {
    const { runner, done, told } = startExecution(chain());
    const prep = await runner.whenStarted("prep");
    expect(listVersions(prep.run)).toEqual({ table: prep.run.run_id });
    expect(runner.started).toHaveLength(1);
    await prep.succeed(["table"]);
    const train = await runner.whenStarted("train");
    expect(listVersions(train.run)).toEqual({ data: prep.run.run_id });
    expect(train.run.reads.data).toMatchObject({
      from_run: "prep",
      from_dataset: "table",
      version: { version: prep.run.run_id },
    });
    await train.succeed();
    expect((await done).map(({ run, status }) => `${run} ${status}`)).toEqual(["prep success", "train success"]);
    expect(told()).toEqual([
      "prep run.resolved",
      "prep run.started",
      "prep run.succeeded",
      "train run.resolved",
      "train run.started",
      "train run.succeeded",
    ]);
  });

  it("has an attempt on record before its process exists, and a success together with what it unlocks", async () => {
    const batches: string[][] = [];
    const started: string[] = [];
    const runner = new ObedientRunner();
    const emit = (batch: readonly RunEvent[]) => {
      batches.push(batch.map(({ type }) => type));
      started.push(runner.started.map(({ run }) => run.run).join());
    };
    const { done } = startExecution(chain(), { emit }, runner);
    await (await runner.whenStarted("prep")).succeed(["table"]);
    await (await runner.whenStarted("train")).succeed();
    await done;
    expect(batches).toEqual([
      ["run.resolved"],
      ["run.started"],
      ["run.succeeded", "run.resolved"],
      ["run.started"],
      ["run.succeeded"],
    ]);
    expect(started).toEqual(["", "prep", "prep", "prep,train", "prep,train"]);
  });

  it("fails a run whose upstream did not save what it consumes, without starting it", async () => {
    const { runner, done, events } = startExecution(chain());
    await (await runner.whenStarted("prep")).succeed(["another"]);
    expect((await done).at(1)).toMatchObject({ status: "failed", reason: expect.stringContaining("did not save it") });
    expect(runner.started).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: "run.failed", exception: { type: "ResolutionError" } });
  });

  it("fails a run that says it saved what is not there, and skips its dependants", async () => {
    const exception = {
      type: "OutputMissing",
      message: "table is not there",
      node: null,
      traceback: null,
      cause: null,
    };
    const { runner, done } = startExecution(chain(), { verify: async () => reject(exception) });
    await (await runner.whenStarted("prep")).succeed(["table"]);
    expect(await done).toMatchObject([
      { run: "prep", status: "failed", reason: "OutputMissing: table is not there" },
      { run: "train", status: "skipped", run_id: null, reason: "prep failed" },
    ]);
  });

  it("lets what runs come to its end after a failure under fail-fast", async () => {
    const { runner, done } = startExecution([plannedRun("a"), plannedRun("b"), plannedRun("c")]);
    const b = await runner.whenStarted("b");
    await (await runner.whenStarted("a")).fail("boom");
    await b.succeed();
    expect((await done).map(({ run, status }) => `${run} ${status}`)).toEqual(["a failed", "b success", "c skipped"]);
  });

  it("asks runs to stop when interrupted, ends them when killed, and starts nothing more", async () => {
    const [interrupt, kill] = [new AbortController(), new AbortController()];
    const { runner, done } = startExecution([plannedRun("a"), plannedRun("b", { needs: ["a"] })], {
      interrupt: interrupt.signal,
      kill: kill.signal,
    });
    const a = await runner.whenStarted("a");
    interrupt.abort();
    kill.abort();
    expect(a.stops).toEqual(["interrupt", "kill"]);
    await a.fail("KeyboardInterrupt");
    expect((await done).map(({ run, status }) => `${run} ${status}`)).toEqual(["a cancelled", "b cancelled"]);
  });

  it("kills an interrupted run that does not end within its grace", async () => {
    const interrupt = new AbortController();
    const { runner, done, fire } = startExecution([plannedRun("a")], { interrupt: interrupt.signal });
    const a = await runner.whenStarted("a");
    interrupt.abort();
    fire(10_000);
    expect(a.stops).toEqual(["interrupt", "kill"]);
    await a.fail("killed");
    await done;
  });

  it("fails a run that outlives its timeout, with what it said while ending as the cause", async () => {
    const { runner, done, fire, timers } = startExecution([plannedRun("a", { timeoutMs: 60_000 })]);
    const a = await runner.whenStarted("a");
    await vi.waitFor(() => expect(timers.has(60_000)).toBe(true), 120_000);
    fire(60_000);
    expect(a.stops).toEqual(["interrupt"]);
    await a.fail("interrupted");
    expect(await done).toMatchObject([
      { status: "failed", reason: "TimeoutError: still running after its timeout of 60 s" },
    ]);
  });

  it("ends what is under way and rejects when the record can't be written", async () => {
    const full = new Error("disk full");
    const emit = (batch: readonly RunEvent[]) => {
      if (batch.some(({ type }) => type === "run.started")) throw full;
    };
    const { runner, done } = startExecution([plannedRun("a"), plannedRun("b", { needs: ["a"] })], { emit });
    const a = await runner.whenStarted("a");
    await vi.waitFor(() => expect(a.stops).toEqual(["kill"]), 120_000);
    const rejected = expect(done).rejects.toBe(full);
    await a.fail("killed");
    await rejected;
  });

  it("runs 10,000 runs of a chain to their end without growing the stack", async () => {
    const runs = Array.from({ length: 10_000 }, (_, i) => plannedRun(`r${i}`, { needs: i === 0 ? [] : [`r${i - 1}`] }));
    const { runner, done } = startExecution(runs);
    await (await runner.whenStarted("r0")).fail("boom");
    expect((await done).filter(({ status }) => status === "skipped")).toHaveLength(9_999);
  });
});
