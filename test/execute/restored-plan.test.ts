import { describe, expect, it } from "vitest";
import type { RunEvent, RunOutcome } from "../../src/core/event/event.ts";
import { systemClock } from "../../src/core/port/clock.ts";
import type { AttemptEvidence } from "../../src/core/port/recovery.ts";
import type { AttemptHandlers, AttemptResult, ResolvedRun } from "../../src/core/port/runner.ts";
import { listVersions } from "../../src/core/read-version.ts";
import type { RunStatus } from "../../src/core/run.ts";
import { createIdSource, type RunId } from "../../src/core/run-id.ts";
import { DEFAULT_POLICY } from "../../src/core/run-policy.ts";
import { type ExecuteOptions, VERIFIED } from "../../src/execute/execute-options.ts";
import { executePlan } from "../../src/execute/execute-plan.ts";
import type { AttemptHistory, RestoredSession } from "../../src/execute/restored-session.ts";
import type { ReusePort } from "../../src/execute/reuse.ts";
import type { PlannedRun } from "../../src/plan/plan.ts";
import { ObedientRunner } from "../rig/obedient-runner.ts";
import { plannedRun, planOf, versionOf } from "../rig/plans.ts";

const ids = createIdSource(systemClock);
const OLD = ids.nextRunId();
const reads = (run: string) => ({ consumes: { data: { run, dataset: "o", as: "upstream" as const } } });

function outcome(run: string, status: RunStatus): RunOutcome {
  return { run, run_id: null, status, duration_ms: 1, load_versions: {}, allow_failure: false, reason: null };
}

function history(run: string, status: RunStatus, attempt = 1): [string, AttemptHistory] {
  const exception = { type: "ValueError", message: "boom", node: null, traceback: null, cause: null };
  const last = { run, run_id: OLD, attempt, status, exception: status === "failed" ? exception : null };
  return [run, { count: attempt, last }];
}

/** What an adopted attempt came to, when the test says so. */
interface Adopted {
  run: ResolvedRun;
  handlers: AttemptHandlers;
  stops: string[];
  end(result: Partial<AttemptResult>): void;
  /** It can't be followed, as on a full disk. */
  lose(error: Error): void;
}

interface Past {
  ended?: RunOutcome[];
  attempts?: [string, AttemptHistory][];
  open?: string[];
  claim?: AttemptEvidence["claim"];
  upstream?: string[];
}

interface Overrides extends Partial<Pick<ExecuteOptions, "reuse" | "verify">> {
  endsLive?: boolean;
  onFailure?: "continue";
}

function execute(runs: PlannedRun[], past: Past, over: Overrides = {}) {
  const events: RunEvent[] = [];
  const runner = new ObedientRunner();
  const adopted: Adopted[] = [];
  const claimed: RunId[] = [];
  let claim = past.claim ?? "alive";
  const restored: RestoredSession = {
    outcomes: past.ended ?? [],
    attempts: new Map(past.attempts),
    open: new Set(past.open),
    endsLive: over.endsLive ?? false,
    recovery: {
      inspect: () => ({ claim, startedMs: null }),
      claim: ({ run_id }) => {
        claimed.push(run_id);
        claim = "given-up";
        return true;
      },
      adopt: (run, handlers) => {
        const { promise, resolve, reject } = Promise.withResolvers<AttemptResult>();
        const stops: string[] = [];
        const base = {
          ...{ cancelled: false, timedOut: false, exitCode: 0, signal: null, durationMs: 5, outputsLocation: null },
        };
        const success = { status: "success" as const, outputs: {}, exception: null, peakMemoryBytes: null };
        const end = (result: Partial<AttemptResult>) => resolve({ ...base, ...success, ...result });
        adopted.push({ run, handlers, stops, end, lose: reject });
        queueMicrotask(() => handlers.onStarted({ pid: 7, log: "/log" }));
        return { result: promise, stop: (how) => stops.push(how), release: () => stops.push("release") };
      },
    },
  };
  const done = executePlan({
    plan: planOf(runs, { onFailure: over.onFailure ?? "fail-fast" }),
    sessionId: ids.nextSessionId(),
    clock: systemClock,
    ids,
    runners: { command: runner, kedro: runner as never, module: runner as never },
    maxParallel: 2,
    restored,
    upstream: (past.upstream ?? []).map((run) => ({ run, run_id: OLD, outputs: { o: versionOf(OLD) } })),
    emit: (batch) => void events.push(...batch),
    verify: over.verify ?? (async () => VERIFIED),
    ...(over.reuse && { reuse: over.reuse }),
  });
  return { done, events, runner, adopted, claimed };
}

const tell = (outcomes: RunOutcome[]) => outcomes.map(({ run, status }) => `${run} ${status}`);
const CUT_OFF = { type: "OrchestratorDied", message: "gone", node: null, traceback: null, cause: null };

describe("executePlan, of a session that another process began", () => {
  it("runs what is left on what had been saved, and tells nothing of what had ended", async () => {
    const past = { ended: [outcome("a", "success")], upstream: ["a"] };
    const { done, runner, events } = execute([plannedRun("a"), plannedRun("b", reads("a"))], past);
    const b = await runner.whenStarted("b");
    expect(listVersions(b.run)).toEqual({ data: OLD });
    await b.succeed();
    expect(tell(await done)).toEqual(["a success", "b success"]);
    expect(events.every((event) => "run" in event && event.run === "b")).toBe(true);
  });

  it("ends with the fault where an attempt can't be followed, and leaves all processes as they are", async () => {
    const past = { open: ["a", "b"], attempts: [history("a", "running"), history("b", "running")] };
    const { done, adopted, events } = execute([plannedRun("a"), plannedRun("b")], past);
    adopted[0]?.lose(new Error("ENOSPC: no space left on device"));
    await expect(done).rejects.toThrow("ENOSPC");
    expect(adopted.map(({ stops }) => stops)).toEqual([["release"], ["release"]]);
    expect(events).toEqual([]);
  });

  it("has nothing to do where all had ended", async () => {
    const { done, events } = execute([plannedRun("a")], { ended: [outcome("a", "failed")] });
    expect(tell(await done)).toEqual(["a failed"]);
    expect(events).toEqual([]);
  });

  it("follows an attempt that was begun, under its own run_id, and takes what it came to", async () => {
    const past = { open: ["a"], attempts: [history("a", "running")] };
    const { done, adopted, runner, events } = execute([plannedRun("a"), plannedRun("b", reads("a"))], past);
    expect(adopted[0]?.run).toMatchObject({ run_id: OLD, attempt: 1 });
    adopted[0]?.end({ outputs: { o: versionOf(OLD) } });
    const b = await runner.whenStarted("b");
    expect(listVersions(b.run)).toEqual({ data: OLD });
    await b.succeed();
    expect(tell(await done)).toEqual(["a success", "b success"]);
    expect(events.map(({ type }) => type).slice(0, 1)).toEqual(["run.succeeded"]);
  });

  it("drops the fingerprint of an attempt that was begun before, if what it read may have changed meanwhile", async () => {
    const doubt = "'raw' was touched";
    const parts = { task: {}, environment: {}, code: {}, parameters: {}, catalog: {}, inputs: {} };
    const work = { mode: "on" as const, fresh: false, parts, watched: [], sources: null, obstacles: [] };
    const reuse = { findChanged: async () => null } as unknown as ReusePort;
    const past = { open: ["a"], attempts: [history("a", "running")] };
    const { done, adopted, events } = execute([plannedRun("a", { work })], past, {
      reuse,
      verify: async () => ({ rejection: null, doubt }),
    });
    adopted[0]?.end({});
    await done;
    expect(events).toMatchObject([{ type: "run.succeeded", fingerprint_void: doubt }]);
  });

  it("says that an attempt had started if that had not come on record", async () => {
    const { done, adopted, events } = execute([plannedRun("a")], { open: ["a"], attempts: [history("a", "pending")] });
    adopted[0]?.end({});
    expect(tell(await done)).toEqual(["a success"]);
    expect(events).toMatchObject([{ type: "run.started", run_id: OLD, pid: 7 }, { type: "run.succeeded" }]);
  });

  it("claims what nobody has begun, and starts a new attempt that uses up no retry", async () => {
    const past: Past = { open: ["a"], attempts: [history("a", "pending")], claim: "none" };
    const { done, claimed, runner, events, adopted } = execute([plannedRun("a")], past);
    const again = await runner.whenStarted("a", 2);
    expect({ claimed, adopted }).toEqual({ claimed: [OLD], adopted: [] });
    expect(events[0]).toMatchObject({
      type: "run.failed",
      run_id: OLD,
      attempt: 1,
      exception: { type: "OrchestratorDied" },
    });
    await again.succeed();
    expect(tell(await done)).toEqual(["a success"]);
  });

  it("gives what was cut off a new attempt, and what failed by itself only if its policy says so", async () => {
    const runs = [plannedRun("cut"), plannedRun("failed")];
    const past = { open: ["cut", "failed"], attempts: [history("cut", "running"), history("failed", "running")] };
    const { done, adopted, runner } = execute(runs, past, { onFailure: "continue" });
    adopted[0]?.end({ status: "failed", exception: CUT_OFF, cutOff: true });
    adopted[1]?.end({ status: "failed", exception: { ...CUT_OFF, type: "ValueError" } });
    await (await runner.whenStarted("cut", 2)).succeed();
    expect(tell(await done)).toEqual(["cut success", "failed failed"]);
  });

  it("ends what lives if that is asked for", async () => {
    const past = { open: ["a"], attempts: [history("a", "running")] };
    const { done, adopted, runner } = execute([plannedRun("a")], past, { endsLive: true });
    expect(adopted[0]?.stops).toEqual(["kill"]);
    adopted[0]?.end({ status: "failed", exception: CUT_OFF, cutOff: true, cancelled: true });
    await (await runner.whenStarted("a", 2)).succeed();
    expect(tell(await done)).toEqual(["a success"]);
  });

  it("counts what is under way among those that run at once", async () => {
    const runs = [plannedRun("a"), plannedRun("b"), plannedRun("c")];
    const past = { open: ["a", "b"], attempts: [history("a", "running"), history("b", "running")] };
    const { done, adopted, runner } = execute(runs, past);
    expect(runner.started).toEqual([]);
    adopted[0]?.end({});
    await (await runner.whenStarted("c")).succeed();
    adopted[1]?.end({});
    expect(tell(await done)).toEqual(["a success", "b success", "c success"]);
  });

  it("goes on to skip what a failure from before forbids, and lets failures of before stand", async () => {
    const runs = [plannedRun("bad"), plannedRun("tried"), plannedRun("idle"), plannedRun("next", { needs: ["bad"] })];
    const past = { ended: [outcome("bad", "failed")], attempts: [history("tried", "failed")] };
    const { done, runner, events } = execute(runs, past);
    expect(tell(await done)).toEqual(["bad failed", "tried failed", "idle skipped", "next skipped"]);
    expect(runner.started).toEqual([]);
    const failed = events.find((event) => event.type === "run.failed");
    expect(failed).toMatchObject({ run_id: OLD, reason: expect.stringContaining("not tried again: bad failed") });
  });

  it("gives a reopened run a fresh budget of retries, and numbers its attempts on", async () => {
    const retries = { max: 1, initialMs: 0, factor: 1, maxMs: 0, jitter: false, on: null };
    const run = plannedRun("a", { policy: { ...DEFAULT_POLICY, retries } });
    const { done, runner, events } = execute([run], { attempts: [history("a", "failed", 2)] });
    await (await runner.whenStarted("a", 3)).fail("again");
    await (await runner.whenStarted("a", 4)).fail("and again");
    expect(tell(await done)).toEqual(["a failed"]);
    expect(events.filter(({ type }) => type === "run.failed")).toMatchObject([
      { attempt: 3, max_attempts: 4, will_retry_at: expect.any(String) },
      { attempt: 4, max_attempts: 4, will_retry_at: null },
    ]);
  });

  it("runs what is for failures after one from before", async () => {
    const mend = plannedRun("mend", { needs: ["a"], policy: { ...DEFAULT_POLICY, runOn: "failure" } });
    const { done, runner } = execute([plannedRun("a"), mend], { ended: [outcome("a", "failed")] });
    await (await runner.whenStarted("mend")).succeed();
    expect(tell(await done)).toEqual(["a failed", "mend success"]);
  });
});
