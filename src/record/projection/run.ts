import type {
  RunCancelled,
  RunFailed,
  RunResolved,
  RunReused,
  RunSkipped,
  RunStarted,
  RunSucceeded,
} from "../../core/event/event.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { VersionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import type { AttemptRow, RunRow, VersionRow } from "../rows.ts";
import { recordWrite } from "./attempt.ts";
import {
  changeAttempt,
  endBetweenAttempts,
  findAttempt,
  findOrOpenAttempt,
  findRun,
  isBetweenAttempts,
  openAttempt,
  type RunLevelEvent,
} from "./attempt-changes.ts";
import { type Change, insertRow, updateRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { refuseEvent, refuseIfEnded, refuseState } from "./refuse-event.ts";

/** Begins an attempt, starts it, or ends it or its run. */
export function projectRun(event: RunLevelEvent, seq: number, current: CurrentRows): Change[] {
  switch (event.type) {
    case "run.resolved":
      return resolveRun(event, current);
    case "run.started":
      return startRun(event, seq, current);
    case "run.succeeded":
      return succeedRun(event, current);
    case "run.failed":
      return failRun(event, current);
    case "run.cancelled":
      return cancelRun(event, current);
    case "run.skipped":
      return skipRun(event, current);
    case "run.reused":
      return reuseRun(event, seq, current);
  }
}

function resolveRun(event: RunResolved, current: CurrentRows): Change[] {
  const run = findRun(event, current);
  return [
    ...openAttempt(event, run, current),
    ...recordFingerprint(event),
    ...event.pins.map((pin) =>
      insertRow("pins", {
        run_id: event.run_id,
        dataset: pin.dataset,
        version: pin.version,
        rule: pin.rule,
        from_run: pin.from_run,
        from_dataset: pin.from_dataset,
        reason: pin.reason,
        passed_over: pin.passed_over ?? null,
        vouched_by: pin.vouched_by ?? null,
      }),
    ),
  ];
}

function recordFingerprint({ run_id, cache }: RunResolved): Change[] {
  const fingerprint = cache?.fingerprint ?? null;
  if (fingerprint === null) return [];
  const set = { fingerprint: fingerprint.digest, fingerprint_parts: JSON.stringify(fingerprint.parts) };
  return [updateRow("attempts", { key: { run_id }, expect: { status: "pending" }, set })];
}

function startRun(event: RunStarted, seq: number, current: CurrentRows): Change[] {
  const attempt = findAttempt(event, current);
  if (attempt.status !== "pending") return refuseState(event, attempt.status);
  const set = { status: "running", start_time: event.time, pid: event.pid, log: event.log } as const;
  return changeAttempt(attempt, set, { status: "running", moment: event.time, moment_seq: seq });
}

function succeedRun(event: RunSucceeded, current: CurrentRows): Change[] {
  const attempt = findAttempt(event, current);
  if (attempt.status !== "running") return refuseState(event, attempt.status);
  const { time, duration_ms, outputs_location, peak_memory_bytes } = event;
  const end = { status: "success", end_time: time } as const;
  const voided = event.fingerprint_void === undefined ? {} : { fingerprint: null };
  return [
    ...changeAttempt(attempt, { ...end, ...voided, duration_ms, outputs_location, peak_memory_bytes }, end),
    ...Object.entries(event.outputs).map(([dataset, version]) =>
      insertRow("versions", toVersionRow(event.run_id, dataset, version)),
    ),
    ...recordCaptures(event, current),
  ];
}

/** A process writes where its output is captured from; a Kedro run has told each of its saves. */
function recordCaptures(event: RunSucceeded, current: CurrentRows): Change[] {
  if (hasCatalog(findRun(event, current))) return [];
  const { run_id, time, outputs } = event;
  return Object.values(outputs).flatMap(({ plain_location: location }) => recordWrite({ run_id, location, time }));
}

function failRun(event: RunFailed, current: CurrentRows): Change[] {
  const { time, duration_ms, peak_memory_bytes } = event;
  const { attempt, opening } = findOrOpenAttempt(event, event, current);
  const waiting = findBetweenAttempts(event, attempt, current);
  if (waiting !== null) return endBetweenAttempts(waiting, { status: "failed", end_time: time, reason: event.reason });
  refuseIfEnded(event, attempt.status);
  const reason = event.reason ?? (attempt.start_time === null ? event.exception.message : null);
  const end = { status: "failed", end_time: time, reason } as const;
  const exception = JSON.stringify(event.exception);
  const { max_attempts } = event;
  const state = event.will_retry_at == null ? end : describeWait(event.attempt, event.will_retry_at);
  // A resumed session allows more attempts than were declared.
  const setOfRun = { ...state, max_attempts };
  return [...opening, ...changeAttempt(attempt, { ...end, duration_ms, exception, peak_memory_bytes }, setOfRun)];
}

function cancelRun(event: RunCancelled, current: CurrentRows): Change[] {
  const end = { status: "cancelled", end_time: event.time, reason: event.reason } as const;
  if (event.run_id === null) return endUntriedRun(event, end, current);
  const reference = { run_id: event.run_id, attempt: event.attempt };
  const { attempt, opening } = findOrOpenAttempt(event, reference, current);
  const waiting = findBetweenAttempts(event, attempt, current);
  if (waiting !== null) return endBetweenAttempts(waiting, end);
  refuseIfEnded(event, attempt.status);
  return [...opening, ...changeAttempt(attempt, { ...end, duration_ms: event.duration_ms }, end)];
}

/** The run of the attempt, if that is its last one, has failed, and was to be followed by another. */
function findBetweenAttempts(
  event: RunFailed | RunCancelled,
  attempt: AttemptRow,
  current: CurrentRows,
): RunRow | null {
  const run = findRun(event, current);
  return run.run_id === attempt.run_id && isBetweenAttempts(run, current) ? run : null;
}

function describeWait(attempt: number, willRetryAt: string): Partial<RunRow> {
  return { status: "pending", reason: `attempt ${attempt} failed; the next is due at ${willRetryAt}` };
}

function skipRun(event: RunSkipped, current: CurrentRows): Change[] {
  const { time, reason, chain } = event;
  const end = { status: "skipped", end_time: time, reason } as const;
  const setOfRun = { ...end, skip_chain: JSON.stringify(chain) };
  const run = findRun(event, current);
  const attempt = run.run_id === null ? undefined : current.findAttemptRow(run.run_id);
  if (attempt === undefined) return endUntriedRun(event, setOfRun, current);
  // A run that is skipped has no attempt to show; the number stays, so that a later one gets the next.
  if (isBetweenAttempts(run, current)) return endBetweenAttempts(run, { ...setOfRun, run_id: null });
  if (attempt.status !== "pending") return refuseState(event, attempt.status);
  return changeAttempt(attempt, end, { ...setOfRun, run_id: null });
}

/** The run shows the earlier attempt as its own. */
function reuseRun(event: RunReused, seq: number, current: CurrentRows): Change[] {
  const { session_id, run: name, run_id, time, reason } = event;
  const run = findRun(event, current);
  if (run.status !== "pending") return refuseState(event, run.status);
  if (current.findAttemptRow(run_id)?.status !== "success") return refuseEvent(event, `${run_id} has not succeeded`);
  const set = { status: "reused", run_id, moment: time, moment_seq: seq, end_time: time, reason } as const;
  const { status, attempt } = run;
  return [updateRow("runs", { key: { session_id, run: name }, expect: { status, attempt }, set })];
}

function endUntriedRun(event: RunCancelled | RunSkipped, end: Partial<RunRow>, current: CurrentRows): Change[] {
  const run = findRun(event, current);
  refuseIfEnded(event, run.status);
  if (run.run_id !== null) return refuseEvent(event, `its attempt ${run.run_id} is under way`);
  const key = { session_id: run.session_id, run: run.run };
  return [updateRow("runs", { key, expect: { status: run.status, attempt: run.attempt }, set: end })];
}

function toVersionRow(runId: RunId, dataset: string, version: VersionRecord): VersionRow {
  return {
    run_id: runId,
    dataset,
    version: version.version,
    location: version.location,
    bytes: version.bytes,
    hash: version.hash,
    beside: version.beside === undefined ? null : JSON.stringify(version.beside),
    entry: version.entry === null ? null : JSON.stringify(version.entry),
    plain_location: version.plain_location,
  };
}
