import type { CacheMiss, RunEvent, RunFailed, RunOutcome } from "../core/event.ts";
import type { ExceptionRecord, RunStatus, SkipReason } from "../core/run.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import { countAttempts } from "../core/run-policy.ts";
import type { Attempt, AttemptResult, EarlierAttempts, ResolvedRun } from "../core/runner.ts";
import type { PlannedRun } from "../plan/plan.ts";
import { listEarlier, NONE_EARLIER } from "./earlier-attempts.ts";
import type { AttemptHistory } from "./restored-session.ts";
import type { CacheDecision } from "./reuse.ts";
import { initialRun, type RunSnapshot } from "./run-machine.ts";

/** A run between its first step and its end: what the machine decides on, and what the loop holds for it. */
export interface LiveRun {
  readonly planned: PlannedRun;
  snapshot: RunSnapshot;
  /** Of the attempt that it is in, or was in last; 0 before the first. */
  attemptNumber: number;
  /** Attempts that use up none of its retries: those from before the session was resumed, and those that were cut off. */
  freeAttempts: number;
  runId: RunId | null;
  /** Attempts before this one whose results it may take over. */
  earlier: EarlierAttempts;
  resolved: ResolvedRun | null;
  attempt: Attempt | null;
  result: AttemptResult | null;
  /** Why it is executed, where its result might have been known. */
  cache: CacheMiss | null;
  /** In whose stead it is not executed. */
  reused: (CacheDecision & { type: "reuse" }) | null;
  /** What changed under it, so that its fingerprint tells nothing. */
  fingerprintVoid: string | null;
  /** Nobody knows how the attempt would have ended: there is another. */
  isCutOff: boolean;
  /** When its process began, if that was before this one took it up; milliseconds since the epoch. */
  startedMs: number | null;
  /** Why it failed without, or in spite of, its runner's result. */
  rejection: ExceptionRecord | null;
  /** Its timeout, once that has passed. */
  timedOutAfterMs: number | null;
  /** Of the attempt before. */
  lastFailure: ExceptionRecord | null;
  /** The wait before the next attempt, if there is to be one. */
  retryInMs: number | null;
  /** Why there is none though there could have been. */
  givenUpBecause: string | null;
  /** Why somebody stopped this run alone. */
  cancelledBecause: string | null;
  dropTimer: () => void;
}

export function bringToLife(planned: PlannedRun, history?: AttemptHistory): LiveRun {
  const { count = 0, last = null, earlier = NONE_EARLIER } = history ?? {};
  return {
    planned,
    snapshot: initialRun(),
    attemptNumber: count,
    freeAttempts: count,
    runId: last?.run_id ?? null,
    earlier,
    resolved: null,
    attempt: null,
    result: null,
    cache: null,
    reused: null,
    fingerprintVoid: null,
    isCutOff: false,
    startedMs: null,
    rejection: null,
    timedOutAfterMs: null,
    lastFailure: last?.exception ?? null,
    retryInMs: null,
    givenUpBecause: null,
    cancelledBecause: null,
    dropTimer: () => {},
  };
}

/** A further attempt knows of the one before how it failed, and whether it may go on where that one ended. */
export function beginAttempt(live: LiveRun, runId: RunId): void {
  live.lastFailure = failureOf(live);
  live.earlier = listEarlier(live);
  live.attemptNumber += 1;
  live.runId = runId;
  live.resolved = null;
  live.result = null;
  live.cache = null;
  live.isCutOff = false;
  live.startedMs = null;
  live.rejection = null;
  live.timedOutAfterMs = null;
  live.retryInMs = null;
}

/** How the attempt failed, or the one before if this one never started. */
export function failureOf({ rejection, result, lastFailure }: LiveRun): ExceptionRecord | null {
  return rejection ?? result?.exception ?? lastFailure;
}

interface Moment {
  time: string;
  sessionId: SessionId;
}

/** Why a run never started. */
export interface Skip {
  chain: SkipReason[];
  reason: string;
}

interface Ending extends Moment {
  status: RunStatus;
  skip: Skip | null;
  /** Why it was stopped, if it was. */
  reason: string;
}

/** The event that ends a run which had come to life. */
export function endingEvent(live: LiveRun, end: Ending): RunEvent {
  const { result, runId, attemptNumber: attempt } = live;
  const stamp = { time: end.time, session_id: end.sessionId, run: live.planned.run };
  const duration_ms = result?.durationMs ?? null;
  const peak_memory_bytes = result?.peakMemoryBytes ?? null;
  if (end.status === "skipped")
    return { type: "run.skipped", ...stamp, ...(end.skip ?? { chain: [], reason: "skipped" }) };
  if (live.reused !== null) {
    const { attempt: earlier, fingerprint, reason } = live.reused;
    const { run_id, load_versions } = earlier;
    return { type: "run.reused", ...stamp, run_id, fingerprint, load_versions, reason };
  }
  if (end.status === "cancelled" || runId === null) {
    const ended = { run_id: runId, attempt: Math.max(1, attempt), duration_ms, reason: end.reason };
    return { type: "run.cancelled", ...stamp, ...ended };
  }
  if (end.status !== "success" || result === null) return failureEvent(live, runId, { ...end, willRetryAt: null });
  const { outputs, outputsLocation: outputs_location, durationMs } = result;
  const voided = live.fingerprintVoid === null ? {} : { fingerprint_void: live.fingerprintVoid };
  const success = { duration_ms: durationMs, outputs, outputs_location, peak_memory_bytes, ...voided };
  return { type: "run.succeeded", ...stamp, run_id: runId, attempt, ...success };
}

/** The failure of an attempt, the last one or not. */
export function failureEvent(
  live: LiveRun,
  runId: RunId,
  { time, sessionId, willRetryAt }: Moment & { willRetryAt: string | null },
): RunFailed {
  const { planned, result, attemptNumber: attempt } = live;
  return {
    type: "run.failed",
    ...{ time, session_id: sessionId, run: planned.run, run_id: runId, attempt },
    duration_ms: result?.durationMs ?? null,
    exception: failureOf(live) ?? unexplained(planned.run),
    peak_memory_bytes: result?.peakMemoryBytes ?? null,
    max_attempts: live.freeAttempts + countAttempts(planned.policy),
    will_retry_at: willRetryAt,
    reason: live.givenUpBecause,
  };
}

/** The same end, as the last line of `run --json` tells it. */
export function outcomeOf(live: LiveRun, status: RunStatus, reason: string | null): RunOutcome {
  const { planned, result } = live;
  const earlier = live.reused?.attempt;
  return {
    run: planned.run,
    // One that was skipped while it waited for its turn never had an attempt.
    run_id: status === "skipped" ? null : (earlier?.run_id ?? live.runId),
    status,
    duration_ms: result?.durationMs ?? null,
    load_versions: earlier?.load_versions ?? listVersions(live),
    allow_failure: planned.policy.allowFailure,
    reason: reason ?? tellEnd(live, status),
  };
}

/** As they were settled, but for what the attempt took over: that has the version of the attempt which saved it. */
function listVersions({ resolved, result }: LiveRun): Record<string, string> {
  const saved = Object.entries(result?.outputs ?? {}).map(([dataset, { version }]) => [dataset, version] as const);
  const pins = resolved?.load_versions ?? {};
  return { ...pins, ...Object.fromEntries(saved.filter(([dataset]) => Object.hasOwn(pins, dataset))) };
}

function tellEnd(live: LiveRun, status: RunStatus): string | null {
  switch (status) {
    case "failed":
      return tellFailure(live);
    case "cancelled":
      return live.cancelledBecause;
    case "reused":
      return live.reused?.reason ?? null;
    default:
      return null;
  }
}

function tellFailure(live: LiveRun): string | null {
  const exception = failureOf(live);
  if (exception === null) return null;
  const where = exception.node === null ? "" : ` in node ${exception.node}`;
  const why = live.givenUpBecause === null ? "" : ` (${live.givenUpBecause})`;
  return `${exception.type}${where}: ${exception.message}${why}`;
}

function unexplained(run: string): ExceptionRecord {
  return { type: "RunFailed", message: `${run} failed without saying why`, node: null, traceback: null, cause: null };
}
