import type { DisposalEvent } from "../../core/event/disposal-event.ts";
import { TERMINAL_STATUSES } from "../../core/run.ts";
import { type Change, mergeRow, updateRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { refuseEvent, refuseState } from "./refuse-event.ts";

/** Projects the disposal of data, which is a fact about an ended attempt; the attempt's own row stays as it is. */
export function projectDisposal(event: DisposalEvent, current: CurrentRows): Change[] {
  const attempt = current.findAttemptRow(event.run_id);
  if (attempt === undefined) return refuseEvent(event, "its attempt is unknown");
  if (!TERMINAL_STATUSES.has(attempt.status)) return refuseState(event, attempt.status);
  const discard = current.findDiscardRow(event.run_id);
  const { run_id, time, entry } = event;
  if (event.type === "run.restored") {
    if (discard?.state !== "trashed" || discard.entry !== entry)
      return refuseEvent(event, `${entry} is not in the trash`);
    return [
      updateRow("discards", { key: { run_id }, expect: { state: "trashed", entry }, set: { state: "restored", time } }),
    ];
  }
  if (discard?.state === "deleted") return refuseEvent(event, "what it saved is gone for good");
  const { cause, state, manifest, reason, bytes } = event;
  const row = { run_id, cause, state, entry, manifest, reason, bytes, time };
  return [mergeRow("discards", row, ["cause", "state", "entry", "manifest", "reason", "bytes", "time"])];
}
