import type { RunDiscarded } from "../../core/event/disposal-event.ts";
import { formatTime } from "../../core/port/clock.ts";
import { RemoteStorageError } from "../../core/port/remote-storage.ts";
import { listDropped, sweepTrash } from "../../versions/trash/dropped-entries.ts";
import { dropEntry, fillEntry, type TrashEntry } from "../../versions/trash/trash.ts";
import { isOwnEntry } from "../home/own-scope.ts";
import { finishDeletion } from "./discard-attempt.ts";
import { describeEntryFault } from "./entry-fault.ts";
import { holdingTrash } from "./hold-trash.ts";
import { findPresent } from "./present-entries.ts";
import { isRecorded, type RemoteTrashContext, type TrashContext } from "./restore-trash.ts";

/** Entries that are recorded in one transaction before their bytes go: few, as on a full disk there is little room for it. */
const MOST_AT_ONCE = 50;

/** An entry that was to be deleted and was not, or not all of it. */
export interface Undeleted {
  id: string;
  /** One sentence for people. */
  message: string;
}

/**
 * Deletes entries of the trash for good. Each leaves the list in one step, then the registry says so, then its bytes
 * go: the next call finishes one that was interrupted, even if it deletes others. Returns those that could not be
 * deleted, or not all of them, which stops no other. Throws RemoteStorageError once all the rest is done.
 */
export async function emptyTrash(context: RemoteTrashContext, entries: readonly TrashEntry[]): Promise<Undeleted[]> {
  return await holdingTrash(context, { act: "trash empty", onWait: context.onWait }, () => emptyHeld(context, entries));
}

async function emptyHeld(context: RemoteTrashContext, entries: readonly TrashEntry[]): Promise<Undeleted[]> {
  const undeleted = new Map<string, string>();
  let unreached: unknown = null;
  const attempt = async (id: string | null, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof RemoteStorageError) unreached ??= error;
      const fault = describeEntryFault(error);
      if (fault === null) throw error;
      if (id !== null) undeleted.set(id, fault);
    }
  };
  const asked = new Set(entries.map(({ manifest }) => manifest.id));
  // An earlier call may have left only this to be done.
  for (let at = 0; at === 0 || at < entries.length; at += MOST_AT_ONCE) {
    for (const entry of entries.slice(at, at + MOST_AT_ONCE))
      await attempt(entry.manifest.id, () => dropOne(context, entry));
    recordDeletions(context);
    await attempt(null, async () => {
      for (const unfreed of await sweepTrash(context.folders.trash, context.remote)) {
        if (asked.has(unfreed.id)) undeleted.set(unfreed.id, unfreed.error.message);
        else if (at === 0) context.onUnfreed?.(unfreed);
      }
    });
  }
  if (unreached !== null) throw unreached;
  return Array.from(undeleted, ([id, message]) => ({ id, message }));
}

async function dropOne(context: RemoteTrashContext, { manifest, digest }: TrashEntry): Promise<void> {
  const { folders, registry, remote } = context;
  const { id, run_id } = manifest;
  // Another act may have put it back, or deleted it, before this one had the trash.
  const entry = findPresent({ registry, folders }, id);
  if (entry?.digest !== digest) return;
  const recorded = registry.discardsOf([run_id])[0] ?? null;
  // The move into the trash may have been cut off: data in the old place go too.
  const isOwn = isOwnEntry(context, entry);
  if (isOwn && isRecorded(registry, entry)) await fillEntry(entry, remote);
  if (isOwn && recorded?.state === "deleted" && recorded.entry === id) await finishDeletion(context, recorded);
  await dropEntry(folders.trash, id);
}

/** An entry without a record, as of a clean-up that was cut off, is removed without one. */
function recordDeletions({ folders, registry, clock }: TrashContext): void {
  const dropped = new Set(listDropped(folders.trash));
  const runIds = [...dropped].map((id) => id.slice(id.indexOf("-") + 1));
  const known = registry.discardsOf(runIds).filter(({ entry, state }) => state === "trashed" && dropped.has(entry));
  const heads = new Map(registry.findHeads(known.map(({ run_id }) => run_id)).map((head) => [head.run_id, head]));
  const events = known.flatMap((discard): RunDiscarded[] => {
    const head = heads.get(discard.run_id);
    if (head === undefined) return [];
    const stamp = { time: formatTime(clock.now()), session_id: head.session_id, run: head.run };
    return [{ ...discard, type: "run.discarded", ...stamp, state: "deleted" }];
  });
  if (events.length > 0) registry.append(events);
}
