import type { RunEvent } from "../../core/event/event.ts";
import { type RunStatus, TERMINAL_STATUSES } from "../../core/run.ts";

/** Refuses an event that contradicts the record: a bug of its sender. The whole batch is refused. */
export function refuseEvent(event: RunEvent, why: string): never {
  throw new Error(`${event.type} of ${describeSubject(event)} refused: ${why}`);
}

/** The event can't follow the status that its run is in. */
export function refuseState(event: RunEvent, status: RunStatus): never {
  return refuseEvent(event, describeState(status));
}

export function refuseIfEnded(event: RunEvent, status: RunStatus): void {
  if (TERMINAL_STATUSES.has(status)) refuseState(event, status);
}

export function describeState(status: RunStatus): string {
  return TERMINAL_STATUSES.has(status) ? `it has ended (${status})` : `it is ${status}`;
}

function describeSubject(event: RunEvent): string {
  if (!("run" in event)) return `session ${event.session_id}`;
  const runId = "run_id" in event && event.run_id !== null ? ` (${event.run_id})` : "";
  return `run "${event.run}"${runId} of session ${event.session_id}`;
}
