import { describe, expect, it } from "vitest";
import type { AttemptResult } from "../../src/core/port/runner.ts";
import type { ExceptionRecord } from "../../src/core/run.ts";
import type { RunId } from "../../src/core/run-id.ts";
import {
  beginAttempt,
  type Ended,
  endOf,
  endWith,
  failureOf,
  LiveRuns,
  type RunStep,
} from "../../src/execute/live-run.ts";
import { stateOf } from "../../src/execute/run-machine.ts";
import { plannedRun } from "../rig/plans.ts";
import { commandTask, makeRun } from "../rig/resolved-run.ts";

const raised = (type: string): ExceptionRecord => ({ type, message: "", node: null, traceback: null, cause: null });
const settled = { resolved: makeRun({ task: commandTask(["true"], { cwd: "/" }) }), cache: null };
const RESULT: AttemptResult = {
  ...{ status: "success", cancelled: false, timedOut: false, exitCode: 0, signal: null, durationMs: 5 },
  ...{ outputs: {}, outputsLocation: null, exception: null, peakMemoryBytes: null },
};

/** A run that takes steps, the first attempt of which is settled. */
function play(...steps: RunStep[]) {
  const runs = new LiveRuns();
  const begun = beginAttempt(runs.add(plannedRun("a", { timeoutMs: 2000 })), "first" as RunId);
  const now = () => runs.get("a") ?? expect.fail("it is live");
  const take = (step: RunStep) => runs.step("a", step).map(({ type }) => type);
  for (const step of [{ type: "ready" }, { type: "resolved", begun, settled }, ...steps] as RunStep[]) take(step);
  return { now, take, runs };
}

const fails = (live: ReturnType<ReturnType<typeof play>["now"]>, over: Partial<AttemptResult> = {}): Ended =>
  endWith(live, { ...RESULT, status: "failed", exception: raised("ValueError"), ...over });

describe("a live run", () => {
  it("is in one stage after the other, each of which knows what is known by then", () => {
    const { now, take } = play();
    expect(now()).toMatchObject({ attemptNumber: 1, runId: "first", stage: { stage: "queued", settled } });
    take({ type: "admitted" });
    expect(now().stage).toEqual({ stage: "running", settled, hasTimedOut: false });
    take({ type: "started" });
    take({ type: "finished", ended: endWith(now(), RESULT) });
    expect(now().stage).toMatchObject({ stage: "ended", settled, result: RESULT, rejection: null });
    expect(take({ type: "committed", ended: { ...endOf(now()), fingerprintVoid: "x changed" } })).toEqual(["announce"]);
    expect(endOf(now())).toMatchObject({ result: RESULT, fingerprintVoid: "x changed" });
  });

  it("is not changed by a step that its state does not know, nor is what was taken of it before", () => {
    const { now, take } = play();
    const queued = now();
    expect(take({ type: "finished", ended: endWith(queued, RESULT) })).toEqual([]);
    expect(now()).toBe(queued);
    take({ type: "admitted" });
    expect(stateOf(queued.snapshot)).toBe("queued");
    expect(queued.stage.stage).toBe("queued");
  });

  it("that has ended takes no step", () => {
    const { take, runs } = play();
    runs.delete("a");
    expect(take({ type: "admitted" })).toEqual([]);
  });

  it("ends with a timeout if that had passed, and says what it told while it ended", () => {
    const { now } = play({ type: "admitted" }, { type: "started" }, { type: "timedOut" });
    expect(fails(now()).rejection).toMatchObject({ type: "TimeoutError", cause: { type: "ValueError" } });
    const inTime = play({ type: "admitted" }, { type: "started" });
    expect(fails(inTime.now()).rejection).toBeNull();
  });

  it("uses up no retry when it was cut off, and the next attempt knows why the one before failed", () => {
    const { now, take } = play({ type: "admitted" }, { type: "started" });
    take({ type: "faltered", ended: { ...fails(now(), { cutOff: true }), retryInMs: 0 } });
    expect(now()).toMatchObject({ freeAttempts: 1, stage: { stage: "ended", retryInMs: 0 } });
    const begun = beginAttempt(now(), "second" as RunId);
    expect(begun).toMatchObject({ attemptNumber: 2, runId: "second", lastFailure: { type: "ValueError" } });
    expect(begun.earlier.run_ids).toEqual(["first"]);
    take({ type: "due" });
    take({ type: "resolved", begun, settled });
    expect(failureOf(now()), "it has not failed itself").toEqual(begun.lastFailure);
  });

  it("that was begun by another process is running if its reads could be settled, and over if not", () => {
    const history = {
      count: 2,
      last: { run: "a", run_id: "old" as RunId, attempt: 2, status: "running", exception: null },
    };
    const restore = (step: RunStep) => {
      const runs = new LiveRuns();
      runs.add(plannedRun("a"), history as Parameters<LiveRuns["add"]>[1]);
      runs.step("a", step);
      return runs.get("a");
    };
    const about = { attemptNumber: 2, freeAttempts: 1, runId: "old" };
    expect(restore({ type: "restored", settled, rejection: null })).toMatchObject({
      ...about,
      stage: { stage: "running" },
    });
    const rejection = raised("ResolutionError");
    const over = { stage: "ended", settled: null, rejection };
    expect(restore({ type: "restored", settled: null, rejection })).toMatchObject({ ...about, stage: over });
  });
});
