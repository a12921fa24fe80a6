import { describe, expect, it, vi } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import { listVersions } from "../../src/core/read-version.ts";
import { DEFAULT_POLICY, type RetryPolicy, type RunPolicy } from "../../src/core/run-policy.ts";
import { reject, VERIFIED } from "../../src/execute/execute-options.ts";
import type { PlannedRun } from "../../src/plan/plan.ts";
import { chain, describeEnds, startExecution } from "../rig/held-execution.ts";
import { plannedRun } from "../rig/plans.ts";

const policyOf = (over: Partial<RunPolicy>): RunPolicy => ({ ...DEFAULT_POLICY, ...over });
const retrying = (over: Partial<RetryPolicy> = {}): RunPolicy =>
  policyOf({ retries: { max: 2, initialMs: 5000, factor: 2, maxMs: 60_000, jitter: false, on: null, ...over } });

describe("executePlan", () => {
  it("tries a failed run again after its wait, each time with a run_id of its own, and gives dependants the last one", async () => {
    const [prep, train] = chain() as [PlannedRun, PlannedRun];
    const { runner, done, events, fire } = startExecution([{ ...prep, policy: retrying() }, train]);
    await (await runner.whenStarted("prep")).fail("flaky");
    fire(5000);
    await (await runner.whenStarted("prep", 2)).fail("flaky still");
    expect(runner.started).toHaveLength(2);
    fire(10_000);
    const third = await runner.whenStarted("prep", 3);
    expect(listVersions(third.run)).toEqual({ table: third.run.run_id });
    await third.succeed(["table"]);
    const reader = await runner.whenStarted("train");
    expect(listVersions(reader.run)).toEqual({ data: third.run.run_id });
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
    const { runner, done, events, fire } = startExecution(runs, { maxParallel: 1 });
    await (await runner.whenStarted("a")).fail("first");
    await (await runner.whenStarted("b")).succeed();
    const c = await runner.whenStarted("c");
    fire(5000);
    await c.succeed();
    await (await runner.whenStarted("a", 2)).fail("second");
    expect(describeEnds(await done)).toEqual(["a failed", "b success", "c success"]);
    expect(events.at(-1)).toMatchObject({ type: "run.failed", attempt: 2, will_retry_at: null, reason: null });
  });

  it("keeps no slot while it waits for its next attempt", async () => {
    const { runner, done, fire } = startExecution([plannedRun("a", { policy: retrying() }), plannedRun("b")], {
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
    const { runner, done } = startExecution([plannedRun("a", { policy: retrying({ on: ["OSError"] }) })]);
    await (await runner.whenStarted("a")).fail("bad data", "ValueError");
    expect(await done).toMatchObject([{ status: "failed", reason: "ValueError: bad data" }]);
  });

  it("tries again what ran into its timeout, and what did not save what it said", async () => {
    const missing = { type: "OutputMissing", message: "gone", node: null, traceback: null, cause: null };
    const verdicts = [reject(missing)];
    const runs = [plannedRun("a", { timeoutMs: 60_000, policy: retrying() })];
    const { runner, done, events, fire, timers } = startExecution(runs, {
      verify: async () => verdicts.shift() ?? VERIFIED,
    });
    const first = await runner.whenStarted("a");
    await vi.waitFor(() => expect(timers.has(60_000)).toBe(true), 120_000);
    fire(60_000);
    await first.fail("interrupted");
    fire(5000);
    await (await runner.whenStarted("a", 2)).succeed();
    await vi.waitFor(() => expect(timers.has(10_000)).toBe(true), 120_000);
    fire(10_000);
    await (await runner.whenStarted("a", 3)).succeed();
    expect(describeEnds(await done)).toEqual(["a success"]);
    const types = events.flatMap((event) => (event.type === "run.failed" ? [event.exception.type] : []));
    expect(types).toEqual(["TimeoutError", "OutputMissing"]);
  });

  it("never tries again what could not be resolved", async () => {
    const [prep, train] = chain() as [PlannedRun, PlannedRun];
    const { runner, done } = startExecution([prep, { ...train, policy: retrying() }]);
    await (await runner.whenStarted("prep")).succeed(["another"]);
    expect(describeEnds(await done)).toEqual(["prep success", "train failed"]);
  });

  it("gives up a run that waits for its next attempt when another fails under fail-fast, and says why", async () => {
    const { runner, done, events } = startExecution([plannedRun("a", { policy: retrying() }), plannedRun("b")]);
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
    const { runner, done, events } = startExecution([plannedRun("a", { policy: retrying() }), plannedRun("b")]);
    const a = await runner.whenStarted("a");
    await (await runner.whenStarted("b")).fail("boom");
    await a.fail("flaky");
    expect(describeEnds(await done)).toEqual(["a failed", "b failed"]);
    const reason = "not tried again: b failed, and on_failure is fail-fast";
    expect(events.filter((event) => event.type === "run.failed" && event.run === "a")).toMatchObject([{ reason }]);
  });

  it("cancels a run that waits for its next attempt when interrupted", async () => {
    const interrupt = new AbortController();
    const { runner, done, events, timers } = startExecution([plannedRun("a", { policy: retrying() })], {
      interrupt: interrupt.signal,
    });
    const a = await runner.whenStarted("a");
    await a.fail("flaky");
    interrupt.abort();
    expect(describeEnds(await done)).toEqual(["a cancelled"]);
    expect(events.at(-1)).toMatchObject({ type: "run.cancelled", run_id: a.run.run_id, attempt: 1 });
    expect(timers.size).toBe(0);
  });

  it("ends without waiting for the next attempt when the record can't be written", async () => {
    const full = new Error("disk full");
    const emit = (batch: readonly RunEvent[]) => {
      if (batch.some(({ type }) => type === "run.failed")) throw full;
    };
    const { runner, done, timers } = startExecution([plannedRun("a", { policy: retrying() })], { emit });
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
    const { runner, done } = startExecution(runs);
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
    const failing = startExecution(runs());
    await (await failing.runner.whenStarted("a")).fail("boom");
    await (await failing.runner.whenStarted("mend")).succeed();
    expect(describeEnds(await failing.done)).toEqual(["a failed", "mend success"]);
    const fine = startExecution(runs());
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
    const { runner, done } = startExecution(runs, { interrupt: interrupt.signal, kill: kill.signal });
    const a = await runner.whenStarted("a");
    interrupt.abort();
    await a.fail("KeyboardInterrupt");
    const clean = await runner.whenStarted("clean");
    expect(clean.stops).toEqual([]);
    kill.abort();
    expect(clean.stops).toEqual(["kill"]);
    await clean.fail("killed");
    expect(describeEnds(await done)).toEqual(["a cancelled", "clean cancelled", "last cancelled"]);
  });
});
