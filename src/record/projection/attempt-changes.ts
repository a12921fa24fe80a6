import type { AttemptEvent } from "../../core/event/attempt-event.ts";
import type {
  RunCancelled,
  RunFailed,
  RunResolved,
  RunReused,
  RunSkipped,
  RunStarted,
  RunSucceeded,
} from "../../core/event/event.ts";
import { TERMINAL_STATUSES } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import type { AttemptRow, RunRow } from "../rows.ts";
import { type Change, insertRow, updateRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { describeState, refuseEvent } from "./refuse-event.ts";

/** An event that names an attempt. */
interface AttemptRef {
  run_id: RunId;
  attempt: number;
}

export type RunLevelEvent = RunResolved | RunStarted | RunSucceeded | RunFailed | RunCancelled | RunSkipped | RunReused;

/** A run that fails or is cancelled while its reads are being settled has no attempt yet. */
export function findOrOpenAttempt(
  event: RunFailed | RunCancelled,
  reference: AttemptRef,
  current: CurrentRows,
): { attempt: AttemptRow; opening: Change[] } {
  if (current.findAttemptRow(reference.run_id) !== undefined) {
    return { attempt: findAttempt({ ...event, ...reference }, current), opening: [] };
  }
  const opening = openAttempt({ ...event, ...reference }, findRun(event, current), current);
  return { attempt: toAttemptRow({ ...event, ...reference }), opening };
}

/** A new attempt: the first, or the next one after a failed one. */
export function openAttempt(event: RunLevelEvent & AttemptRef, run: RunRow, current: CurrentRows): Change[] {
  if (current.findAttemptRow(event.run_id) !== undefined) return refuseEvent(event, "its run_id is taken");
  if (run.attempt !== event.attempt - 1 || !mayBeTried(run, current)) {
    return refuseEvent(
      event,
      `attempt ${event.attempt} can't follow attempt ${run.attempt}: ${describeState(run.status)}`,
    );
  }
  return [
    insertRow("attempts", toAttemptRow(event)),
    updateRow("runs", {
      key: keyOf(run),
      expect: { status: run.status, attempt: run.attempt },
      set: { status: "pending", attempt: event.attempt, run_id: event.run_id, end_time: null, reason: null },
    }),
  ];
}

/** True if the run has not been tried yet, its last attempt has failed, even for good, or it was reopened. */
function mayBeTried(run: RunRow, current: CurrentRows): boolean {
  if (run.run_id === null) return run.status === "pending";
  return run.status === "failed" || isBetweenAttempts(run, current);
}

/** True if the run's last attempt is over, and there is to be another. */
export function isBetweenAttempts(run: RunRow, current: CurrentRows): boolean {
  if (run.status !== "pending" || run.run_id === null) return false;
  const attempt = current.findAttemptRow(run.run_id);
  return attempt !== undefined && TERMINAL_STATUSES.has(attempt.status);
}

/** Ends a run that was to be tried again: the attempt stays as it was. */
export function endBetweenAttempts(run: RunRow, end: Partial<RunRow>): Change[] {
  const { status, run_id } = run;
  return [updateRow("runs", { key: keyOf(run), expect: { status, run_id }, set: end })];
}

export function changeAttempt(attempt: AttemptRow, set: Partial<AttemptRow>, setOfRun: Partial<RunRow>): Change[] {
  const { run_id, status } = attempt;
  return [
    updateRow("attempts", { key: { run_id }, expect: { status }, set }),
    updateRow("runs", { key: keyOf(attempt), expect: { status, run_id }, set: setOfRun }),
  ];
}

function keyOf(row: RunRow | AttemptRow): Pick<RunRow, "session_id" | "run"> {
  return { session_id: row.session_id, run: row.run };
}

export function findRun(event: RunLevelEvent, current: CurrentRows): RunRow {
  return current.findRunRow(event.session_id, event.run) ?? refuseEvent(event, "the session has not declared it");
}

/** The recorded attempt that the event names. */
export function findAttempt(event: (AttemptEvent | RunLevelEvent) & AttemptRef, current: CurrentRows): AttemptRow {
  const row = current.findAttemptRow(event.run_id);
  if (row === undefined) return refuseEvent(event, "its attempt is unknown");
  if (row.session_id !== event.session_id || row.run !== event.run || row.attempt !== event.attempt) {
    return refuseEvent(
      event,
      `${event.run_id} is attempt ${row.attempt} of run "${row.run}" of session ${row.session_id}`,
    );
  }
  return row;
}

function toAttemptRow(event: RunLevelEvent & AttemptRef): AttemptRow {
  return {
    run_id: event.run_id,
    session_id: event.session_id,
    run: event.run,
    attempt: event.attempt,
    status: "pending",
    resolved_time: event.time,
    start_time: null,
    end_time: null,
    duration_ms: null,
    pid: null,
    log: null,
    total_nodes: null,
    exception: null,
    reason: null,
    outputs_location: null,
    peak_memory_bytes: null,
    environment: null,
    metrics: null,
    fingerprint: null,
    fingerprint_parts: null,
  };
}
