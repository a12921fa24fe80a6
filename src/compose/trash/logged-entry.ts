import type { RunEvent } from "../../core/event/event.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionId } from "../../core/run-id.ts";

/** Event that records an entry of the trash. */
type EntryEvent = Extract<RunEvent, { type: "run.discarded" | "publication.prepared" | "publication.set_aside" }>;

/**
 * Finds in the log how an entry of the trash was recorded last: a row of a table can be changed by hand. Null if the log does not have it, or
 * that event was changed.
 */
export function findLoggedEntry(
  registry: RegistryReader,
  { session_id, type, entry }: { session_id: SessionId; type: EntryEvent["type"]; entry: string },
): EntryEvent | null {
  let found: EntryEvent | null = null;
  for (const { event, fault } of registry.links({ session: session_id })) {
    if (event?.type !== type) continue;
    const logged = event as EntryEvent;
    if (logged.entry === entry) found = fault === null ? logged : null;
  }
  return found;
}
