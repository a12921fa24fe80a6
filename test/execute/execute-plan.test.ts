import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import type { RunEvent } from "../../src/core/event.ts";
import { createIdSource } from "../../src/core/run-id.ts";
import { DEFAULT_POLICY, type RetryPolicy, type RunPolicy } from "../../src/core/run-policy.ts";
import type { ExecuteOptions } from "../../src/execute/execute-options.ts";
import { executePlan } from "../../src/execute/execute-plan.ts";
import type { PlannedRun } from "../../src/plan/plan.ts";
import { ObedientRunner } from "../rig/obedient-runner.ts";
import { plannedRun, planOf } from "../rig/plans.ts";

/** A clock whose timers fire when the test says so. */
function heldClock() {
  const timers = new Map<number, () => void>();
  const clock = {
    now: () => 1e12,
    after: (delayMs: number, callback: () => void) => {
      timers.set(delayMs, callback);
      return () => timers.delete(delayMs);
    },
  };
  return { clock, fire: (delayMs: number) => timers.get(delayMs)?.(), timers };
}

function execution(runs: PlannedRun[], over: Partial<ExecuteOptions> = {}, runner = new ObedientRunner()) {
  const events: RunEvent[] = [];
  const ids = createIdSource(systemClock);
  const { clock, fire, timers } = heldClock();
  const done = executePlan({
    plan: planOf(runs),
    sessionId: ids.nextSessionId(),
    clock,
    ids,
    runners: { command: runner, kedro: runner as never },
    maxParallel: 2,
    emit: (batch) => void events.push(...batch),
    verify: async () => null,
    ...over,
  });
  const told = () => events.map((event) => ("run" in event ? `${event.run} ${event.type}` : event.type));
  return { runner, events, done, told, fire, timers };
}

const policyOf = (over: Partial<RunPolicy>): RunPolicy => ({ ...DEFAULT_POLICY, ...over });
const retrying = (over: Partial<RetryPolicy> = {}): RunPolicy =>
  policyOf({ retries: { max: 2, initialMs: 5000, factor: 2, maxMs: 60_000, jitter: false, on: null, ...over } });
const tellEnds = (outcomes: { run: string; status: string }[]) => outcomes.map(({ run, status }) => `${run} ${status}`);

const chain = () => [
  plannedRun("prep", { writes: ["table"] }),
  plannedRun("train", { consumes: { data: { run: "prep", dataset: "table", as: "upstream" } } }),
];

describe("executePlan", () => {
  it("injects upstream's run_id and the run's own, and starts the dependant after its upstream", async () => {
    const { runner, done, told } = execution(chain());
    const prep = await runner.whenStarted("prep");
    expect(prep.run.load_versions).toEqual({ table: prep.run.run_id });
    expect(runner.started).toHaveLength(1);
    await prep.succeed(["table"]);
    const train = await runner.whenStarted("train");
    expect(train.run.load_versions).toEqual({ data: prep.run.run_id });
    expect(train.run.inputs.data).toMatchObject({
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
    const { done } = execution(chain(), { emit }, runner);
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
    const { runner, done, events } = execution(chain());
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
    const { runner, done } = execution(chain(), { verify: async () => exception });
    await (await runner.whenStarted("prep")).succeed(["table"]);
    expect(await done).toMatchObject([
      { run: "prep", status: "failed", reason: "OutputMissing: table is not there" },
      { run: "train", status: "skipped", run_id: null, reason: "prep failed" },
    ]);
  });

  it("lets what runs come to its end after a failure under fail-fast", async () => {
    const { runner, done } = execution([plannedRun("a"), plannedRun("b"), plannedRun("c")]);
    const b = await runner.whenStarted("b");
    await (await runner.whenStarted("a")).fail("boom");
    await b.succeed();
    expect((await done).map(({ run, status }) => `${run} ${status}`)).toEqual(["a failed", "b success", "c skipped"]);
  });

  it("asks runs to stop when interrupted, ends them when killed, and starts nothing more", async () => {
    const [interrupt, kill] = [new AbortController(), new AbortController()];
    const { runner, done } = execution([plannedRun("a"), plannedRun("b", { needs: ["a"] })], {
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
    const { runner, done, fire } = execution([plannedRun("a")], { interrupt: interrupt.signal });
    const a = await runner.whenStarted("a");
    interrupt.abort();
    fire(10_000);
    expect(a.stops).toEqual(["interrupt", "kill"]);
    await a.fail("killed");
    await done;
  });

  it("fails a run that outlives its timeout, with what it said while ending as the cause", async () => {
    const { runner, done, fire, timers } = execution([plannedRun("a", { timeoutMs: 60_000 })]);
    const a = await runner.whenStarted("a");
    await vi.waitFor(() => expect(timers.has(60_000)).toBe(true));
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
    const { runner, done } = execution([plannedRun("a"), plannedRun("b", { needs: ["a"] })], { emit });
    const a = await runner.whenStarted("a");
    await vi.waitFor(() => expect(a.stops).toEqual(["kill"]));
    const rejected = expect(done).rejects.toBe(full);
    await a.fail("killed");
    await rejected;
  });

  it("runs 10,000 runs of a chain to their end without growing the stack", async () => {
    const runs = Array.from({ length: 10_000 }, (_, i) => plannedRun(`r${i}`, { needs: i === 0 ? [] : [`r${i - 1}`] }));
    const { runner, done } = execution(runs);
    await (await runner.whenStarted("r0")).fail("boom");
    expect((await done).filter(({ status }) => status === "skipped")).toHaveLength(9_999);
  });

  it("tries a failed run again after its wait, each time with a run_id of its own, and gives dependants the last one", async () => {
    const [prep, train] = chain() as [PlannedRun, PlannedRun];
    const { runner, done, events, fire } = execution([{ ...prep, policy: retrying() }, train]);
    await (await runner.whenStarted("prep")).fail("flaky");
    fire(5000);
    await (await runner.whenStarted("prep", 2)).fail("flaky still");
    expect(runner.started).toHaveLength(2);
    fire(10_000);
    const third = await runner.whenStarted("prep", 3);
    expect(third.run.load_versions).toEqual({ table: third.run.run_id });
    await third.succeed(["table"]);
    const reader = await runner.whenStarted("train");
    expect(reader.run.load_versions).toEqual({ data: third.run.run_id });
    await reader.succeed();
    expect(await done).toMatchObject([
      { run: "prep", status: "success", run_id: third.run.run_id },
      { status: "success" },
    ]);
    expect(new Set(runner.started.map(({ run }) => run.run_id)).size).toBe(4);
    const ended = events.filter((event) => event.type === "run.failed");
    expect(ended).toMatchObject([
      { attempt: 1, max_attempts: 3, will_retry_at: "2001-09-09T01:46:45.000Z", exception: { message: "flaky" } },
      { attempt: 2, max_attempts: 3, will_retry_at: "2001-09-09T01:46:50.000Z", exception: { message: "flaky still" } },
    ]);
  });

  it("fails a run for good after its last attempt, and only then stops the others under fail-fast", async () => {
    const runs = [plannedRun("a", { policy: retrying({ max: 1 }) }), plannedRun("b"), plannedRun("c")];
    const { runner, done, events, fire } = execution(runs, { maxParallel: 1 });
    await (await runner.whenStarted("a")).fail("first");
    await (await runner.whenStarted("b")).succeed();
    const c = await runner.whenStarted("c");
    fire(5000);
    await c.succeed();
    await (await runner.whenStarted("a", 2)).fail("second");
    expect(tellEnds(await done)).toEqual(["a failed", "b success", "c success"]);
    expect(events.at(-1)).toMatchObject({ type: "run.failed", attempt: 2, will_retry_at: null, reason: null });
  });

  it("keeps no slot while it waits for its next attempt", async () => {
    const { runner, done, fire } = execution([plannedRun("a", { policy: retrying() }), plannedRun("b")], {
      maxParallel: 1,
    });
    await (await runner.whenStarted("a")).fail("flaky");
    const b = await runner.whenStarted("b");
    fire(5000);
    expect(runner.started).toHaveLength(2);
    await b.succeed();
    await (await runner.whenStarted("a", 2)).succeed();
    await done;
  });

  it("does not try again what fails otherwise than `on` says", async () => {
    const { runner, done } = execution([plannedRun("a", { policy: retrying({ on: ["OSError"] }) })]);
    await (await runner.whenStarted("a")).fail("bad data", "ValueError");
    expect(await done).toMatchObject([{ status: "failed", reason: "ValueError: bad data" }]);
  });

  it("tries again what ran into its timeout, and what did not save what it said", async () => {
    const missing = { type: "OutputMissing", message: "gone", node: null, traceback: null, cause: null };
    const verdicts = [missing, null];
    const runs = [plannedRun("a", { timeoutMs: 60_000, policy: retrying() })];
    const { runner, done, events, fire, timers } = execution(runs, { verify: async () => verdicts.shift() ?? null });
    const first = await runner.whenStarted("a");
    await vi.waitFor(() => expect(timers.has(60_000)).toBe(true));
    fire(60_000);
    await first.fail("interrupted");
    fire(5000);
    await (await runner.whenStarted("a", 2)).succeed();
    await vi.waitFor(() => expect(timers.has(10_000)).toBe(true));
    fire(10_000);
    await (await runner.whenStarted("a", 3)).succeed();
    expect(tellEnds(await done)).toEqual(["a success"]);
    const types = events.flatMap((event) => (event.type === "run.failed" ? [event.exception.type] : []));
    expect(types).toEqual(["TimeoutError", "OutputMissing"]);
  });

  it("never tries again what could not be resolved", async () => {
    const [prep, train] = chain() as [PlannedRun, PlannedRun];
    const { runner, done } = execution([prep, { ...train, policy: retrying() }]);
    await (await runner.whenStarted("prep")).succeed(["another"]);
    expect(tellEnds(await done)).toEqual(["prep success", "train failed"]);
  });

  it("gives up a run that waits for its next attempt when another fails under fail-fast, and says why", async () => {
    const { runner, done, events } = execution([plannedRun("a", { policy: retrying() }), plannedRun("b")]);
    const b = await runner.whenStarted("b");
    await (await runner.whenStarted("a")).fail("flaky");
    await b.fail("boom");
    const reason = "not tried again: b failed, and on_failure is fail-fast";
    expect(await done).toMatchObject([
      { run: "a", status: "failed", reason: `ValueError: flaky (${reason})` },
      { run: "b", status: "failed" },
    ]);
    expect(events.at(-1)).toMatchObject({ run: "a", type: "run.failed", attempt: 1, will_retry_at: null, reason });
  });

  it("starts no attempt of a run that fails after another has under fail-fast", async () => {
    const { runner, done, events } = execution([plannedRun("a", { policy: retrying() }), plannedRun("b")]);
    const a = await runner.whenStarted("a");
    await (await runner.whenStarted("b")).fail("boom");
    await a.fail("flaky");
    expect(tellEnds(await done)).toEqual(["a failed", "b failed"]);
    const reason = "not tried again: b failed, and on_failure is fail-fast";
    expect(events.filter((event) => event.type === "run.failed" && event.run === "a")).toMatchObject([{ reason }]);
  });

  it("cancels a run that waits for its next attempt when interrupted", async () => {
    const interrupt = new AbortController();
    const { runner, done, events, timers } = execution([plannedRun("a", { policy: retrying() })], {
      interrupt: interrupt.signal,
    });
    const a = await runner.whenStarted("a");
    await a.fail("flaky");
    interrupt.abort();
    expect(tellEnds(await done)).toEqual(["a cancelled"]);
    expect(events.at(-1)).toMatchObject({ type: "run.cancelled", run_id: a.run.run_id, attempt: 1 });
    expect(timers.size).toBe(0);
  });

  it("ends without waiting for the next attempt when the record can't be written", async () => {
    const full = new Error("disk full");
    const emit = (batch: readonly RunEvent[]) => {
      if (batch.some(({ type }) => type === "run.failed")) throw full;
    };
    const { runner, done, timers } = execution([plannedRun("a", { policy: retrying() })], { emit });
    const rejected = expect(done).rejects.toBe(full);
    await (await runner.whenStarted("a")).fail("flaky");
    await rejected;
    expect(timers.size).toBe(0);
  });

  it("goes on after the failure of a run that may fail: with what needs it, not with what consumes from it", async () => {
    const [prep, train] = chain() as [PlannedRun, PlannedRun];
    const runs = [
      { ...prep, policy: policyOf({ allowFailure: true }) },
      train,
      plannedRun("after", { needs: ["prep"] }),
    ];
    const { runner, done } = execution(runs);
    await (await runner.whenStarted("prep")).fail("boom");
    await (await runner.whenStarted("after")).succeed();
    expect(await done).toMatchObject([
      { run: "prep", status: "failed", allow_failure: true },
      { run: "train", status: "skipped", reason: "prep failed" },
      { run: "after", status: "success", allow_failure: false },
    ]);
  });

  it("runs what is for failures after one under fail-fast, and skips it after none", async () => {
    const runs = () => [plannedRun("a"), plannedRun("mend", { needs: ["a"], policy: policyOf({ runOn: "failure" }) })];
    const failing = execution(runs());
    await (await failing.runner.whenStarted("a")).fail("boom");
    await (await failing.runner.whenStarted("mend")).succeed();
    expect(tellEnds(await failing.done)).toEqual(["a failed", "mend success"]);
    const fine = execution(runs());
    await (await fine.runner.whenStarted("a")).succeed();
    expect(await fine.done).toMatchObject([
      { status: "success" },
      { run: "mend", status: "skipped", reason: "nothing that it waits for has failed" },
    ]);
  });

  it("an interrupt lets runs that are always to run start and end; a second one ends them too", async () => {
    const [interrupt, kill] = [new AbortController(), new AbortController()];
    const always = policyOf({ runOn: "always" });
    const runs = [
      plannedRun("a"),
      plannedRun("clean", { needs: ["a"], policy: always }),
      plannedRun("last", { needs: ["clean"], policy: always }),
    ];
    const { runner, done } = execution(runs, { interrupt: interrupt.signal, kill: kill.signal });
    const a = await runner.whenStarted("a");
    interrupt.abort();
    await a.fail("KeyboardInterrupt");
    const clean = await runner.whenStarted("clean");
    expect(clean.stops).toEqual([]);
    kill.abort();
    expect(clean.stops).toEqual(["kill"]);
    await clean.fail("killed");
    expect(tellEnds(await done)).toEqual(["a cancelled", "clean cancelled", "last cancelled"]);
  });
});
