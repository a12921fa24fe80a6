import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type OpenRemoteStorage,
  type RemotePlace,
  type RemoteStorage,
  RemoteStorageError,
} from "../core/port/remote-storage.ts";
import type { RemoteItem, TrashItem, TrashManifest } from "../core/trash-manifest.ts";
import { isThere } from "./move-path.ts";
import { itemPath, readTrashManifest, TrashFaultError } from "./trash/trash-manifest.ts";
import { writeFileDurably } from "./write-file.ts";

/** An entry of the trash, as far as it is on this disk. */
interface Entry {
  folder: string;
  manifest: TrashManifest;
}

type Remote = TrashItem & { remote: RemoteItem };
/** One that is moved into the trash, and not deleted where it is. */
type Movable = Remote & { remote: { target: string } };

/** Moves what is remote into the trash of its storage; a receipt in the entry's folder says that all of it is there. */
export async function fillRemote(entry: Entry, open: OpenRemoteStorage | null): Promise<void> {
  for (const item of listMovable(entry)) {
    const [receipt, leaving] = [itemPath(entry.folder, item), leavingPath(entry.folder, item)];
    if (isThere(receipt) && !isThere(leaving)) continue;
    const { target, exact } = item.remote;
    await reach(entry, open).move(placeOf(item), { target, exact });
    await writeFileDurably(receipt, JSON.stringify({ target }));
    await rm(leaving, { force: true });
  }
}

/** The other way. What was cut off on its way into the trash comes back too: part of it may be at either place. */
export async function unfillRemote(entry: Entry, open: OpenRemoteStorage | null): Promise<void> {
  for (const item of listMovable(entry)) {
    const { target, exact, entry: by } = item.remote;
    const leaving = leavingPath(entry.folder, item);
    await writeFileDurably(leaving, "");
    await reach(entry, open).move({ location: target, entry: by }, { target: item.original, exact });
    await rm(itemPath(entry.folder, item), { force: true });
    await rm(leaving);
  }
}

/** Finds the place of data that were put there after an item had been moved away as a whole. */
export async function findTakenRemote(entry: Entry, open: OpenRemoteStorage | null): Promise<string[]> {
  const taken: string[] = [];
  for (const item of listMovable(entry)) {
    if (!isThere(itemPath(entry.folder, item)) || isThere(leavingPath(entry.folder, item))) continue;
    const { objects } = await reach(entry, open).look(placeOf(item));
    if (objects > 0) taken.push(item.original);
  }
  return taken;
}

/** Deletes what is to be deleted where it is. */
export async function removeOriginals(entry: Entry, open: OpenRemoteStorage | null): Promise<void> {
  for (const item of listRemote(entry)) {
    if (item.remote.target === null) await reach(entry, open).remove(placeOf(item));
  }
}

/** True if an entry that was taken out of the list still has data in the trash of a storage. */
export function hasRemote(folder: string, id: string): boolean {
  return listHeld(folder, id).length > 0;
}

/** Deletes that. */
export async function dropRemote(folder: string, id: string, open: OpenRemoteStorage): Promise<void> {
  for (const { manifest, item } of listHeld(folder, id)) {
    const { target: location, entry } = item.remote;
    await open(manifest).remove({ location, entry });
  }
}

function listHeld(folder: string, id: string): { manifest: TrashManifest; item: Movable }[] {
  try {
    const { manifest } = readTrashManifest(folder, id);
    const items = listMovable({ folder, manifest }).filter((item) => isThere(itemPath(folder, item)));
    return items.map((item) => ({ manifest, item }));
  } catch (error) {
    // A faulty entry has no known data elsewhere.
    if (error instanceof TrashFaultError) return [];
    throw error;
  }
}

function reach({ manifest }: Entry, open: OpenRemoteStorage | null): RemoteStorage {
  if (open === null) throw new RemoteStorageError("storage-failed", "remote storage can't be reached from here");
  return open(manifest);
}

function listRemote({ manifest }: Entry): Remote[] {
  return manifest.items.filter((item): item is Remote => item.kind === "remote" && item.remote !== undefined);
}

function listMovable(entry: Entry): Movable[] {
  return listRemote(entry).filter((item): item is Movable => item.remote.target !== null);
}

function placeOf({ original: location, remote: { entry } }: Remote): RemotePlace {
  return { location, entry };
}

/** Path of the mark of an item that is on its way back. */
function leavingPath(folder: string, { name }: TrashItem): string {
  return join(folder, `${name}.out`);
}
