import type { RunEvent, RunOutcome } from "../core/event.ts";
import type { ExceptionRecord, RunStatus, SkipReason } from "../core/run.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import type { Attempt, AttemptResult, ResolvedRun } from "../core/runner.ts";
import type { PlannedRun } from "../plan/plan.ts";
import { initialRun, type RunSnapshot } from "./run-machine.ts";

/** A run between its first step and its end: what the machine decides on, and what the loop holds for it. */
export interface LiveRun {
  readonly planned: PlannedRun;
  snapshot: RunSnapshot;
  runId: RunId | null;
  resolved: ResolvedRun | null;
  attempt: Attempt | null;
  result: AttemptResult | null;
  /** Why it failed without, or in spite of, its runner's result. */
  rejection: ExceptionRecord | null;
  /** Its timeout, once that has passed. */
  timedOutAfterMs: number | null;
  dropTimer: () => void;
}

export function bringToLife(planned: PlannedRun): LiveRun {
  return {
    planned,
    snapshot: initialRun(),
    runId: null,
    resolved: null,
    attempt: null,
    result: null,
    rejection: null,
    timedOutAfterMs: null,
    dropTimer: () => {},
  };
}

/** The event that ends a run which had come to life. */
export function endingEvent(
  live: LiveRun,
  end: { status: RunStatus; time: string; sessionId: SessionId; skip: { chain: SkipReason[]; reason: string } | null },
): RunEvent {
  const { result, runId } = live;
  const { run } = live.planned;
  const stamp = { time: end.time, session_id: end.sessionId, run };
  const duration_ms = result?.durationMs ?? null;
  const peak_memory_bytes = result?.peakMemoryBytes ?? null;
  if (end.status === "skipped")
    return { type: "run.skipped", ...stamp, ...(end.skip ?? { chain: [], reason: "skipped" }) };
  if (end.status === "cancelled" || runId === null) {
    return { type: "run.cancelled", ...stamp, run_id: runId, attempt: 1, duration_ms, reason: "interrupted" };
  }
  const attempt = { ...stamp, run_id: runId, attempt: 1 };
  if (end.status === "success" && result !== null) {
    const { outputs, outputsLocation: outputs_location, durationMs } = result;
    return { type: "run.succeeded", ...attempt, duration_ms: durationMs, outputs, outputs_location, peak_memory_bytes };
  }
  const exception = live.rejection ?? result?.exception ?? unexplained(run);
  return { type: "run.failed", ...attempt, duration_ms, exception, peak_memory_bytes };
}

/** The same end, as the last line of `run --json` tells it. */
export function outcomeOf(live: LiveRun, status: RunStatus, reason: string | null): RunOutcome {
  return {
    run: live.planned.run,
    // One that was skipped while it waited for its turn never had an attempt.
    run_id: status === "skipped" ? null : live.runId,
    status,
    duration_ms: live.result?.durationMs ?? null,
    load_versions: live.resolved?.load_versions ?? {},
    reason: reason ?? (status === "failed" ? tellException(live.rejection ?? live.result?.exception ?? null) : null),
  };
}

function tellException(exception: ExceptionRecord | null): string | null {
  if (exception === null) return null;
  const where = exception.node === null ? "" : ` in node ${exception.node}`;
  return `${exception.type}${where}: ${exception.message}`;
}

function unexplained(run: string): ExceptionRecord {
  return { type: "RunFailed", message: `${run} failed without saying why`, node: null, traceback: null, cause: null };
}
