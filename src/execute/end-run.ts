import type { RunEvent, RunFailed, RunOutcome } from "../core/event/event.ts";
import { listVersions } from "../core/read-version.ts";
import type { ExceptionRecord, RunStatus } from "../core/run.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import { countAttempts } from "../core/run-policy.ts";
import { endOf, failureOf, type LiveRun, type Reused, type Skip } from "./live-run.ts";

interface Moment {
  time: string;
  sessionId: SessionId;
}

interface End extends Moment {
  status: RunStatus;
  skip: Skip | null;
  /** Reason why the run was stopped, if it was. */
  reason: string;
}

/** The event that ends a run which had come to life. */
export function endingEvent(live: LiveRun, end: End): RunEvent {
  const { runId, attemptNumber: attempt } = live;
  const { result, fingerprintVoid } = endOf(live);
  const stamp = { time: end.time, session_id: end.sessionId, run: live.planned.run };
  const duration_ms = result?.durationMs ?? null;
  const peak_memory_bytes = result?.peakMemoryBytes ?? null;
  if (end.status === "skipped")
    return { type: "run.skipped", ...stamp, ...(end.skip ?? { chain: [], reason: "skipped" }) };
  const reused = reusedBy(live);
  if (reused !== null) {
    const { attempt: earlier, fingerprint, reason } = reused;
    const { run_id, load_versions } = earlier;
    return { type: "run.reused", ...stamp, run_id, fingerprint, load_versions, reason };
  }
  if (end.status === "cancelled" || runId === null) {
    const ended = { run_id: runId, attempt: Math.max(1, attempt), duration_ms, reason: end.reason };
    return { type: "run.cancelled", ...stamp, ...ended };
  }
  if (end.status !== "success" || result === null) return failureEvent(live, runId, { ...end, willRetryAt: null });
  const { outputs, outputsLocation: outputs_location, durationMs } = result;
  const voided = fingerprintVoid === null ? {} : { fingerprint_void: fingerprintVoid };
  const success = { duration_ms: durationMs, outputs, outputs_location, peak_memory_bytes, ...voided };
  return { type: "run.succeeded", ...stamp, run_id: runId, attempt, ...success };
}

/** The failure of an attempt, the last one or not. */
export function failureEvent(
  live: LiveRun,
  runId: RunId,
  { time, sessionId, willRetryAt }: Moment & { willRetryAt: string | null },
): RunFailed {
  const { planned, attemptNumber: attempt } = live;
  const { result, givenUpBecause } = endOf(live);
  return {
    type: "run.failed",
    ...{ time, session_id: sessionId, run: planned.run, run_id: runId, attempt },
    duration_ms: result?.durationMs ?? null,
    exception: failureOf(live) ?? unexplained(planned.run),
    peak_memory_bytes: result?.peakMemoryBytes ?? null,
    max_attempts: live.freeAttempts + countAttempts(planned.policy),
    will_retry_at: willRetryAt,
    reason: givenUpBecause,
  };
}

/** The same end, as the last line of `run --json` tells it. */
export function outcomeOf(live: LiveRun, status: RunStatus, reason: string | null): RunOutcome {
  const { planned } = live;
  const earlier = reusedBy(live)?.attempt;
  return {
    run: planned.run,
    // One that was skipped while it waited for its turn never had an attempt.
    run_id: status === "skipped" ? null : (earlier?.run_id ?? live.runId),
    status,
    duration_ms: endOf(live).result?.durationMs ?? null,
    load_versions: earlier?.load_versions ?? listVersionsAtEnd(live),
    allow_failure: planned.policy.allowFailure,
    reason: reason ?? formatEnd(live, status),
  };
}

/** The earlier attempt that stands for a run; null if it has one of its own, or none. */
export function reusedBy({ stage }: LiveRun): Reused | null {
  return stage.stage === "reused" ? stage.reused : null;
}

/**
 * Lists versions as they were settled; results that were taken over have the version of the attempt which saved them.
 */
function listVersionsAtEnd(live: LiveRun): Record<string, string> {
  const { settled, result } = endOf(live);
  const saved = Object.entries(result?.outputs ?? {}).map(([dataset, { version }]) => [dataset, version] as const);
  const pins = settled === null ? {} : listVersions(settled.resolved);
  return { ...pins, ...Object.fromEntries(saved.filter(([dataset]) => Object.hasOwn(pins, dataset))) };
}

function formatEnd(live: LiveRun, status: RunStatus): string | null {
  if (status === "failed") return formatFailure(live);
  return status === "reused" ? (reusedBy(live)?.reason ?? null) : null;
}

function formatFailure(live: LiveRun): string | null {
  const exception = failureOf(live);
  if (exception === null) return null;
  const { givenUpBecause } = endOf(live);
  const where = exception.node === null ? "" : ` in node ${exception.node}`;
  const why = givenUpBecause === null ? "" : ` (${givenUpBecause})`;
  return `${exception.type}${where}: ${exception.message}${why}`;
}

function unexplained(run: string): ExceptionRecord {
  return { type: "RunFailed", message: `${run} failed without saying why`, node: null, traceback: null, cause: null };
}
