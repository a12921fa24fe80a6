import type { RunCancelled, RunFailed, RunResolved, RunSkipped, RunStarted, RunSucceeded } from "../core/event.ts";
import type { VersionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import { changeAttempt, findAttempt, findOrOpenAttempt, findRun, openAttempt } from "./attempt-changes.ts";
import { type Change, insertRow, updateRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { refuseEvent, refuseIfEnded, refuseState } from "./refuse-event.ts";
import type { RunRow, VersionRow } from "./rows.ts";

export function resolveRun(event: RunResolved, current: CurrentRows): Change[] {
  const run = findRun(event, current);
  return [
    ...openAttempt(event, run, current),
    ...event.pins.map((pin) =>
      insertRow("pins", {
        run_id: event.run_id,
        dataset: pin.dataset,
        version: pin.version,
        rule: pin.rule,
        from_run: pin.from_run,
        from_dataset: pin.from_dataset,
        reason: pin.reason,
      }),
    ),
  ];
}

export function startRun(event: RunStarted, current: CurrentRows): Change[] {
  const attempt = findAttempt(event, current);
  if (attempt.status !== "pending") return refuseState(event, attempt.status);
  const set = { status: "running", start_time: event.time, pid: event.pid, log: event.log } as const;
  return changeAttempt(attempt, set, { status: "running", moment: event.time });
}

export function succeedRun(event: RunSucceeded, current: CurrentRows): Change[] {
  const attempt = findAttempt(event, current);
  if (attempt.status !== "running") return refuseState(event, attempt.status);
  const { time, duration_ms, outputs_location, peak_memory_bytes } = event;
  const end = { status: "success", end_time: time } as const;
  return [
    ...changeAttempt(attempt, { ...end, duration_ms, outputs_location, peak_memory_bytes }, end),
    ...Object.entries(event.outputs).map(([dataset, version]) =>
      insertRow("versions", toVersionRow(event.run_id, dataset, version)),
    ),
  ];
}

export function failRun(event: RunFailed, current: CurrentRows): Change[] {
  const { attempt, opening } = findOrOpenAttempt(event, event, current);
  refuseIfEnded(event, attempt.status);
  const { time, duration_ms, peak_memory_bytes } = event;
  const reason = attempt.start_time === null ? event.exception.message : null;
  const end = { status: "failed", end_time: time, reason } as const;
  const exception = JSON.stringify(event.exception);
  return [...opening, ...changeAttempt(attempt, { ...end, duration_ms, exception, peak_memory_bytes }, end)];
}

export function cancelRun(event: RunCancelled, current: CurrentRows): Change[] {
  const end = { status: "cancelled", end_time: event.time, reason: event.reason } as const;
  if (event.run_id === null) return endUntriedRun(event, end, current);
  const reference = { run_id: event.run_id, attempt: event.attempt };
  const { attempt, opening } = findOrOpenAttempt(event, reference, current);
  refuseIfEnded(event, attempt.status);
  return [...opening, ...changeAttempt(attempt, { ...end, duration_ms: event.duration_ms }, end)];
}

export function skipRun(event: RunSkipped, current: CurrentRows): Change[] {
  const { time, reason, chain } = event;
  const end = { status: "skipped", end_time: time, reason } as const;
  const setOfRun = { ...end, skip_chain: JSON.stringify(chain) };
  const { run_id } = findRun(event, current);
  const attempt = run_id === null ? undefined : current.findAttemptRow(run_id);
  if (attempt === undefined) return endUntriedRun(event, setOfRun, current);
  if (attempt.status !== "pending") return refuseState(event, attempt.status);
  // It was resolved and waited for its turn; a run that is skipped was never tried.
  return changeAttempt(attempt, end, { ...setOfRun, run_id: null, attempt: 0 });
}

function endUntriedRun(event: RunCancelled | RunSkipped, end: Partial<RunRow>, current: CurrentRows): Change[] {
  const run = findRun(event, current);
  refuseIfEnded(event, run.status);
  if (run.run_id !== null) return refuseEvent(event, `its attempt ${run.run_id} is under way`);
  const key = { session_id: run.session_id, run: run.run };
  return [updateRow("runs", { key, expect: { status: run.status, attempt: 0 }, set: end })];
}

function toVersionRow(runId: RunId, dataset: string, version: VersionRecord): VersionRow {
  return {
    run_id: runId,
    dataset,
    version: version.version,
    location: version.location,
    bytes: version.bytes,
    hash: version.hash,
    entry: version.entry === null ? null : JSON.stringify(version.entry),
    plain_location: version.plain_location,
  };
}
