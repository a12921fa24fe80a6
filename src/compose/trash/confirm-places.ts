import type { RegistryReader } from "../../core/port/registry.ts";
import { cleanText } from "../../report/text/clean-text.ts";
import type { TrashEntry } from "../../versions/trash/trash.ts";
import { judgeExecution } from "../consent/judge-execution.ts";
import { settleDoubt } from "../consent/settle-doubt.ts";
import type { StateLocation } from "../locate-state.ts";
import type { Consenting } from "./confirm-storage.ts";

/** Asks for consent before an entry of the trash is put back. Throws NotConfirmedError unless the answer is yes. */
export type ConfirmPlaces = (entry: TrashEntry) => Promise<void>;

/**
 * Makes the question for what a publication or a rollback has moved: it goes back to any place that its record names, so the places are shown
 * unless the user made the record of the session. Data of a run go to a folder of its own id alone.
 */
export function confirmPlaces({
  registry,
  folders,
  context,
}: {
  registry: RegistryReader;
  folders: StateLocation;
  context: Consenting;
}): ConfirmPlaces {
  return async ({ manifest: { cause, session_id, items } }) => {
    const session = registry.findSessionHead(session_id);
    if (cause === "cleanup" || cause === "gc" || session === null) return;
    const doubt = judgeExecution([{ session, runs: [] }], { reader: registry, folders, environment: process.env });
    if (doubt === null) return;
    const places = items.map(({ original }) => cleanText(`  puts back ${original}`));
    await settleDoubt({ ...doubt, lines: [...doubt.lines, ...places] }, context);
  };
}
