import { RefusalError } from "../../core/error/refusal-error.ts";
import type { Hold } from "../../core/hold.ts";
import { type Clock, formatTime } from "../../core/port/clock.ts";
import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import type { OpenRemoteStorage } from "../../core/port/remote-storage.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { Discard } from "../../core/trash.ts";
import type { TrashManifest } from "../../core/trash-manifest.ts";
import { sweepTrash, type Unfreed } from "../../versions/trash/dropped-entries.ts";
import {
  dropEmptied,
  findLost,
  findTaken,
  listMissing,
  type TrashEntry,
  unfillEntry,
} from "../../versions/trash/trash.ts";
import { isOwnEntry } from "../home/own-scope.ts";
import type { ConfirmPlaces } from "./confirm-places.ts";
import { holdingTrash } from "./hold-trash.ts";
import { findLoggedEntry } from "./logged-entry.ts";
import { readPresent } from "./present-entries.ts";

/** Why an entry is not put back. */
export class NotRestorableError extends RefusalError<
  "trash-taken" | "trash-tampered" | "trash-unknown" | "trash-elsewhere" | "not-restorable"
> {}

export interface TrashContext {
  folders: StateFolders;
  registry: Registry;
  clock: Clock;
  /** Told of each act that has the trash and has to be waited for. */
  onWait?: (before: Hold) => void;
  /** Told of each entry emptied earlier whose bytes can't be freed now either. */
  onUnfreed?: (unfreed: Unfreed) => void;
}

/** Where what is moved may be on remote storage. */
export interface RemoteTrashContext extends TrashContext {
  remote: OpenRemoteStorage;
  /** Called before an entry is put back. Default: the record is this user's own. */
  confirmPlaces?: ConfirmPlaces;
}

/**
 * Puts all data of an entry back exactly where they were. Throws NotRestorableError, before any move, if a place is
 * taken now, or if the entry is not as the registry recorded it; TrashFaultError if it can't be read;
 * RemoteStorageError, and the same call goes on; what `confirmPlaces` throws.
 */
export async function restoreEntry(context: RemoteTrashContext, id: string): Promise<TrashEntry> {
  return await holdingTrash(context, { act: "trash restore", onWait: context.onWait }, () => restoreHeld(context, id));
}

async function restoreHeld(context: RemoteTrashContext, id: string): Promise<TrashEntry> {
  const { registry, remote } = context;
  const entry = readPresent(context, id);
  checkRecorded(entry, findRecorded(registry, entry));
  if (!isOwnEntry(context, entry)) throw describeElsewhere(entry);
  await context.confirmPlaces?.(entry);
  const taken = await findTaken(entry, remote);
  if (taken.length > 0) {
    const more = taken.length === 1 ? "" : `, and at ${taken.length - 1} more of its places`;
    const hint = "move it away first; nothing was restored";
    throw new NotRestorableError("trash-taken", `there is something at ${taken[0]} now${more}`, hint);
  }
  const [lost] = await findLost(entry);
  if (lost !== undefined) {
    const hint = "it was taken out or changed: look at its folder, and move what is left by hand; nothing was restored";
    throw new NotRestorableError(
      "trash-tampered",
      `what was at ${lost} is not in the trash as it was moved there`,
      hint,
    );
  }
  await putBack(context, entry);
  return entry;
}

function describeElsewhere({ folder, manifest }: TrashEntry): NotRestorableError {
  const place = manifest.items[0]?.original ?? "";
  const message = `${manifest.id} was filled in another state folder, of which this one is a copy: it would go back to ${place}`;
  return new NotRestorableError("trash-elsewhere", message, `restore it there; what this copy holds lies in ${folder}`);
}

/** Moves everything of an entry back, and records that. The caller holds the trash. */
export async function putBack(context: RemoteTrashContext, entry: TrashEntry) {
  const { folders, registry, clock, remote } = context;
  const { id, cause, run_id, session_id, run } = entry.manifest;
  await unfillEntry(entry, remote);
  const [missing] = listMissing(entry);
  if (missing !== undefined) {
    const hint = "look into the folder of the entry in the trash; nothing of it was deleted";
    throw new NotRestorableError("trash-tampered", `${missing} is neither in the trash nor where it was`, hint);
  }
  // A publication or a rollback moved no data of a run.
  if (cause === "cleanup" || cause === "gc") {
    const time = formatTime(clock.now());
    registry.append([{ type: "run.restored", time, session_id, run, run_id, entry: id }]);
  }
  await dropEmptied(folders.trash, id);
  await sweepAnyway(context);
}

/** Frees what was emptied earlier. What can't be freed is told, and no reason to end: the act is about something else. */
export async function sweepAnyway({ folders, onUnfreed }: Pick<TrashContext, "folders" | "onUnfreed">): Promise<void> {
  for (const unfreed of await sweepTrash(folders.trash)) onUnfreed?.(unfreed);
}

/**
 * A manifest names the places that data go to, and may be forged: only the one that was recorded when it was made is
 * believed.
 */
function checkRecorded({ manifest, digest }: TrashEntry, recorded: Recorded | null): void {
  const { id } = manifest;
  if (recorded === null) {
    const hint = "it may be of another registry; what lies in its folder is untouched";
    throw new NotRestorableError("trash-unknown", `the registry knows nothing of ${id} in the trash`, hint);
  }
  if (recorded.manifest === digest) return;
  const hint = "it was changed: look at its folder, and move what you know by hand";
  throw new NotRestorableError("trash-tampered", `the manifest of ${id} is not the one that was recorded`, hint);
}

type Recorded = Pick<Discard, "manifest">;

/** Finds what the registry has of an entry in the trash. Throws NotRestorableError for what only a rollback puts back. */
function findRecorded(registry: RegistryReader, { manifest }: TrashEntry): Recorded | null {
  const { id, cause, session_id } = manifest;
  switch (cause) {
    case "cleanup":
    case "gc":
      return findDiscarded(registry, manifest);
    case "published-over":
      refusePublished(registry, manifest);
      return findLoggedEntry(registry, { session_id, type: "publication.prepared", entry: id });
    case "rollback":
      return findLoggedEntry(registry, { session_id, type: "publication.set_aside", entry: id });
    default:
      return cause satisfies never;
  }
}

/** Throws NotRestorableError as long as the publication stands: its place is taken until a rollback frees it. */
function refusePublished(registry: RegistryReader, { id, session_id }: TrashManifest): void {
  const { formers } = registry.undoingsOf(session_id);
  const former = formers.find(({ entry, undone_time }) => entry === id && undone_time === null);
  if (former === undefined) return;
  const message = `${id} is what session ${session_id} replaced when it published ${former.dataset} to ${former.location}`;
  const hint = `\`runweave rollback ${session_id}\` takes the publication back, and puts it back`;
  throw new NotRestorableError("not-restorable", message, hint);
}

/** True if the registry has recorded this entry as one that is in the trash, with the same digest of its manifest. */
export function isRecorded(registry: RegistryReader, { manifest, digest }: TrashEntry): boolean {
  return findDiscarded(registry, manifest)?.manifest === digest;
}

function findDiscarded(registry: RegistryReader, { id, run_id, session_id }: TrashManifest): Recorded | null {
  const [recorded] = registry.discardsOf([run_id]);
  if (recorded?.state !== "trashed" || recorded.entry !== id) return null;
  return findLoggedEntry(registry, { session_id, type: "run.discarded", entry: id });
}
