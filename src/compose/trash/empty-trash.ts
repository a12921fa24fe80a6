import { formatTime } from "../../core/clock.ts";
import { dropEntry, fillEntry, findEntry, listDropped, sweepTrash, type TrashEntry } from "../../versions/trash.ts";
import { isOwnEntry } from "../home/own-scope.ts";
import { finishDeletion } from "./discard-attempt.ts";
import { holdingTrash } from "./hold-trash.ts";
import { isRecorded, type RemoteTrashContext, type TrashContext } from "./restore-trash.ts";

/**
 * Deletes entries of the trash for good. Each leaves the list in one step, then the registry says so, then its bytes go: what
 * is interrupted in between, the next call finishes, whatever it is asked to delete. Throws RemoteStorageError.
 */
export async function emptyTrash(context: RemoteTrashContext, entries: readonly TrashEntry[]): Promise<void> {
  await holdingTrash(context, { act: "trash empty", onWait: context.onWait }, () => emptyHeld(context, entries));
}

async function emptyHeld(context: RemoteTrashContext, entries: readonly TrashEntry[]): Promise<void> {
  const { folders, registry, remote } = context;
  for (const { manifest, digest } of entries) {
    const { id, run_id } = manifest;
    // Another act may have put it back, or deleted it, before this one had the trash.
    const entry = findEntry(folders.trash, id);
    if (entry?.digest !== digest) continue;
    const recorded = registry.discardsOf([run_id])[0] ?? null;
    // Its way into the trash may have been cut off: what still lies in its old place goes too.
    const isOwn = isOwnEntry(context, entry);
    if (isOwn && isRecorded(entry, recorded)) await fillEntry(entry, remote);
    if (isOwn && recorded?.state === "deleted" && recorded.entry === id) await finishDeletion(context, recorded);
    await dropEntry(folders.trash, id);
  }
  recordDeletions(context);
  await sweepTrash(folders.trash, remote);
}

/** What nobody recorded, as of a cleanup that was cut off, is simply gone. */
function recordDeletions({ folders, registry, clock }: TrashContext): void {
  const dropped = new Set(listDropped(folders.trash));
  const runIds = [...dropped].map((id) => id.slice(id.indexOf("-") + 1));
  const known = registry.discardsOf(runIds).filter(({ entry, state }) => state === "trashed" && dropped.has(entry));
  const heads = new Map(registry.findHeads(known.map(({ run_id }) => run_id)).map((head) => [head.run_id, head]));
  for (const discard of known) {
    const head = heads.get(discard.run_id);
    if (head === undefined) continue;
    const stamp = { time: formatTime(clock.now()), session_id: head.session_id, run: head.run };
    registry.append([{ ...discard, type: "run.discarded", ...stamp, state: "deleted" }]);
  }
}
