import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type OpenRemoteStorage, RemoteStorageError } from "../../core/port/remote-storage.ts";
import { writeReason } from "../move-path.ts";
import { dropRemote, hasRemote } from "../remote-items.ts";
import { RemovalError, removeTree } from "../tree/remove-tree.ts";
import { sweepTemporaries } from "../write-file.ts";

/** Prefix of entries that were deleted and still have bytes on the disk. */
const GONE = ".gone-";
/** Name of the file with the reason why an entry's bytes could not be freed. */
const REASON = "reason";

/** An entry that was dropped and whose bytes could not be freed. */
export interface Unfreed {
  id: string;
  error: RemovalError;
}

/** The ids that were dropped and whose bytes are still there. */
export function listDropped(trash: string): string[] {
  return listFolder(trash).filter(isDropped).map(idOfDropped);
}

/** True of the name of a folder in the trash whose entry was dropped. */
export function isDropped(name: string): boolean {
  return name.startsWith(GONE);
}

export function idOfDropped(name: string): string {
  return name.slice(GONE.length);
}

/** The folder of an entry that was dropped. */
export function droppedFolder(trash: string, id: string): string {
  return join(trash, `${GONE}${id}`);
}

/** The file that says why a dropped entry's bytes could not be freed. */
export function reasonPath(trash: string, id: string): string {
  return join(droppedFolder(trash, id), REASON);
}

/**
 * Frees the bytes of dropped entries, and removes own files that a kill has left. Entries with remote data wait for a
 * call that can reach them. Returns the entries that can't be removed: they stay, and stop no other. Throws
 * RemoteStorageError once all the rest is done; the next call goes on.
 */
export async function sweepTrash(trash: string, open: OpenRemoteStorage | null = null): Promise<Unfreed[]> {
  for (const name of listFolder(trash)) for (const part of ["", "items"]) sweepTemporaries(join(trash, name, part));
  const unfreed: Unfreed[] = [];
  let unreached: RemoteStorageError | null = null;
  for (const id of listDropped(trash)) {
    try {
      await freeDropped(trash, id, open);
    } catch (error) {
      if (error instanceof RemovalError) unfreed.push({ id, error });
      else if (error instanceof RemoteStorageError) unreached ??= error;
      else throw error;
    }
  }
  if (unreached !== null) throw unreached;
  return unfreed;
}

async function freeDropped(trash: string, id: string, open: OpenRemoteStorage | null): Promise<void> {
  const folder = droppedFolder(trash, id);
  if (hasRemote(folder, id)) {
    if (open === null) return;
    await dropRemote(folder, id, open);
  }
  try {
    await removeTree(folder);
  } catch (error) {
    if (error instanceof RemovalError) writeReason(reasonPath(trash, id), error.message);
    throw error;
  }
}

export function listFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
