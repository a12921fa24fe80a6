import type { NamingEvent } from "../../core/event/naming-event.ts";
import { type Change, insertRow, mergeRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { refuseEvent } from "./refuse-event.ts";

/** Names, tags and notes are facts about an attempt that people add at any time, after its end too. */
export function projectNaming(event: NamingEvent, current: CurrentRows): Change[] {
  const { run_id, time } = event;
  const attempt = current.findAttemptRow(run_id);
  if (attempt === undefined) return refuseEvent(event, "its attempt is unknown");
  switch (event.type) {
    case "alias.set":
      if (attempt.status !== "success") return refuseEvent(event, "an alias stands for what a successful run saved");
      return [insertRow("alias_moves", { alias: event.alias, dataset: event.dataset, run_id, time })];
    case "alias.removed":
      return [insertRow("alias_moves", { alias: event.alias, dataset: null, run_id: null, time })];
    case "run.tagged":
      return [mergeRow("tags", { run_id, key: event.key, value: event.value, time }, ["value", "time"])];
    case "run.noted":
      return [insertRow("notes", { run_id, text: event.text, time })];
  }
}
