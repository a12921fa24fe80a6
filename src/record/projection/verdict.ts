import type { VerdictEvent } from "../../core/event/verdict-event.ts";
import { type Change, insertRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { refuseEvent } from "./refuse-event.ts";

/** Projects verdicts on versions, which are facts of their own: the run's record stays as it was. */
export function projectVerdict(event: VerdictEvent, current: CurrentRows): Change[] {
  const { run_id, dataset, time } = event;
  const attempt = current.findAttemptRow(run_id);
  if (attempt === undefined) return refuseEvent(event, "its attempt is unknown");
  if (attempt.status !== "success") return refuseEvent(event, "only what a successful run saved is a version");
  const said = { run_id, dataset, time, reason: null, said_by: null, other_run_id: null, only_this: null };
  switch (event.type) {
    case "version.tainted":
      return [
        insertRow("verdicts", {
          ...said,
          kind: "tainted",
          ...describeSpeaker(event),
          only_this: event.only_this === true ? 1 : null,
        }),
      ];
    case "version.cleared":
      return [insertRow("verdicts", { ...said, kind: "cleared", ...describeSpeaker(event) })];
    case "version.confirmed":
      return [insertRow("verdicts", { ...said, kind: "confirmed", other_run_id: event.equal_to })];
    case "version.replaced":
      return [insertRow("verdicts", { ...said, kind: "replaced", other_run_id: event.replaced_by })];
  }
}

function describeSpeaker({ reason, by }: Extract<VerdictEvent, { type: "version.tainted" | "version.cleared" }>) {
  return { reason, said_by: JSON.stringify(by) };
}
