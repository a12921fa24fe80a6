import { lstatSync, mkdirSync, type Stats, statSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { OpenRemoteStorage } from "../../core/port/remote-storage.ts";
import type { TrashItem, TrashManifest } from "../../core/trash-manifest.ts";
import { measurePath } from "../find-change.ts";
import { isCopied, isThere, movePath, removeMoving } from "../move-path.ts";
import { fillRemote, findTakenRemote, unfillRemote } from "../remote-items.ts";
import { removeTree } from "../tree/remove-tree.ts";
import { sweepTemporaries, syncFolder, writeFileDurably } from "../write-file.ts";
import { droppedFolder, isDropped, listFolder } from "./dropped-entries.ts";
import {
  isTrashId,
  itemPath,
  manifestPath,
  type ReadManifest,
  readTrashManifest,
  TrashFaultError,
} from "./trash-manifest.ts";

/** One entry, as it lies there. */
export interface TrashEntry extends ReadManifest {
  folder: string;
  /** Items that lie in the trash now: not yet moved there, or put back already, the others. */
  held: string[];
}

/** Something in the trash that can't be an entry of ours. */
export interface TrashFault {
  folder: string;
  message: string;
}

export function entryFolder(trash: string, id: string): string {
  if (!isTrashId(id)) throw new TrashFaultError(`${JSON.stringify(id)} is not an entry of the trash`);
  return join(trash, id);
}

/** The folder of an entry, which need not be there. Throws TrashFaultError if something else is at its place, or at the trash's. */
function checkedFolder(trash: string, id: string): string {
  const folder = entryFolder(trash, id);
  const isMissing = lstatSync(trash, { throwIfNoEntry: false }) === undefined;
  // The trash may be a link to a folder.
  if (!isMissing && isOther(() => statSync(trash))) throw new TrashFaultError(`${trash} is not a folder`);
  if (isOther(() => lstatSync(folder, { throwIfNoEntry: false })))
    throw new TrashFaultError(`${folder} is not a folder`);
  return folder;
}

function isOther(look: () => Stats | undefined): boolean {
  try {
    return look()?.isDirectory() === false;
  } catch (error) {
    // A link to itself, or without a target.
    if (["ELOOP", "ENOENT"].includes(String((error as NodeJS.ErrnoException).code))) return true;
    throw error;
  }
}

/** Writes down what is to be moved, before anything moves. An entry that is there stays as it is. Throws TrashFaultError. */
export async function openEntry(trash: string, manifest: TrashManifest): Promise<TrashEntry> {
  const folder = checkedFolder(trash, manifest.id);
  if (!isThere(manifestPath(folder))) {
    sweepTemporaries(folder);
    mkdirSync(join(folder, "items"), { recursive: true, mode: 0o700 });
    await writeFileDurably(manifestPath(folder), JSON.stringify(manifest));
    await syncFolder(trash);
  }
  return readEntry(trash, manifest.id);
}

/** An entry by its id; null if there is none. Throws TrashFaultError. */
export function findEntry(trash: string, id: string): TrashEntry | null {
  return isThere(manifestPath(checkedFolder(trash, id))) ? readEntry(trash, id) : null;
}

/** The same; null for an entry that can't be read, too, as its data are lost either way. */
export function findReadable(trash: string, id: string): TrashEntry | null {
  try {
    return findEntry(trash, id);
  } catch (error) {
    if (error instanceof TrashFaultError) return null;
    throw error;
  }
}

/** Throws TrashFaultError. */
export function readEntry(trash: string, id: string): TrashEntry {
  const folder = checkedFolder(trash, id);
  for (const path of [folder, join(folder, "items")]) {
    const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory();
    if (!isFolder) throw new TrashFaultError(`${path} is not a folder`);
  }
  const read = readTrashManifest(folder);
  const held = read.manifest.items.filter((item) => isHeld(folder, item)).map(({ name }) => name);
  return { folder, held, ...read };
}

/**
 * Moves everything that is still where it was. Interrupted at any point, the same call finishes it. Throws
 * RemoteStorageError, with all local files moved.
 */
export async function fillEntry(entry: TrashEntry, open: OpenRemoteStorage | null = null): Promise<void> {
  const { folder, manifest } = entry;
  for (const item of listLocal(manifest)) {
    // A move back may have been cut off.
    await removeMoving(item.original);
    const marker = markerPath(folder, item, "in");
    const isCutOff = isThere(marker) && (await isCopied(item.original, itemPath(folder, item)));
    // Data that were put there after the move belong to the user.
    if (isThere(itemPath(folder, item)) && !isCutOff) continue;
    await movePath({ from: item.original, to: itemPath(folder, item), marker });
  }
  await fillRemote(entry, open);
}

/** Finds a place that is taken, to which an entry's items would go back. Throws RemoteStorageError. */
export async function findTaken(entry: TrashEntry, open: OpenRemoteStorage | null = null): Promise<string[]> {
  const { folder, manifest } = entry;
  const taken: string[] = [];
  for (const item of listLocal(manifest)) {
    const [held, { original }] = [itemPath(folder, item), item];
    if (!isThere(held) || !isThere(original)) continue;
    const isCutOff =
      (isThere(markerPath(folder, item, "in")) && (await isCopied(original, held))) ||
      (isThere(markerPath(folder, item, "out")) && (await isCopied(held, original)));
    if (!isCutOff) taken.push(original);
  }
  return [...taken, ...(await findTakenRemote(entry, open))];
}

/**
 * Finds local items of an entry that are neither in the trash nor in their old place, or have another size: a restore
 * must not report them as back.
 */
export async function findLost({ folder, manifest }: TrashEntry): Promise<string[]> {
  const lost: string[] = [];
  for (const item of listLocal(manifest)) {
    const held = itemPath(folder, item);
    if (!isThere(held)) {
      if (!isThere(item.original)) lost.push(item.original);
    } else if (item.bytes !== null && !isThere(markerPath(folder, item, "out"))) {
      if ((await measurePath(held)).bytes !== item.bytes) lost.push(item.original);
    }
  }
  return lost;
}

/** Lists the original places at which an entry's local items are missing. Empty for an entry that was put back. */
export function listMissing({ manifest }: TrashEntry): string[] {
  return listLocal(manifest).flatMap(({ original }) => (isThere(original) ? [] : [original]));
}

/**
 * Puts everything back that lies in the entry. Throws PlaceTakenError, RemoteStorageError. The same call finishes what was
 * interrupted.
 */
export async function unfillEntry(entry: TrashEntry, open: OpenRemoteStorage | null = null): Promise<void> {
  const { folder, manifest } = entry;
  await unfillRemote(entry, open);
  const local = listLocal(manifest);
  const unfinished = local.some((item) => isThere(markerPath(folder, item, "in")));
  if (unfinished) await fillEntry({ ...entry, manifest: { ...manifest, items: local } });
  for (const item of local) {
    // Checks the item for its errors alone: links are not followed.
    isHeld(folder, item);
    await movePath({ from: itemPath(folder, item), to: item.original, marker: markerPath(folder, item, "out") });
  }
}

/** Takes an entry out of the list in one step; its bytes go with `sweepTrash`. Throws RemovalError if an earlier one of its name can't be removed. */
export async function dropEntry(trash: string, id: string): Promise<void> {
  const folder = entryFolder(trash, id);
  if (!isThere(folder)) return;
  const gone = droppedFolder(trash, id);
  await removeTree(gone);
  await rename(folder, gone);
  await syncFolder(trash);
}

/** Removes an empty entry from the trash. One with an item stays, as the item may be the only copy. */
export async function dropEmptied(trash: string, id: string): Promise<void> {
  if (findEntry(trash, id)?.held.length === 0) await dropEntry(trash, id);
}

/** Every entry, and what lies there that is none. */
export function listTrash(trash: string): { entries: TrashEntry[]; faults: TrashFault[] } {
  const entries: TrashEntry[] = [];
  const faults: TrashFault[] = [];
  for (const name of listFolder(trash)) {
    if (isDropped(name) || isUnborn(join(trash, name))) continue;
    try {
      entries.push(readEntry(trash, name));
    } catch (error) {
      if (!(error instanceof TrashFaultError)) throw error;
      faults.push({ folder: join(trash, name), message: error.message });
    }
  }
  entries.sort((a, b) => (a.manifest.time < b.manifest.time ? -1 : 1));
  return { entries, faults };
}

/** True if the process that made the entry was cut off before there was a manifest: no data were moved. */
export function isUnborn(folder: string): boolean {
  const isFolder = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder && !isThere(manifestPath(folder)) && listFolder(join(folder, "items")).length === 0;
}

function listLocal({ items }: TrashManifest): TrashItem[] {
  return items.filter(({ kind }) => kind !== "remote");
}

/** True if the item lies in the trash. Throws TrashFaultError for a link, or a file where a folder was. */
function isHeld(folder: string, item: TrashItem): boolean {
  const path = itemPath(folder, item);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const is = item.kind === "folder" ? found.isDirectory() : found.isFile();
  if (!is) throw new TrashFaultError(`${path} is not the ${item.kind} that its manifest says`);
  return true;
}

function markerPath(folder: string, { name }: TrashItem, way: "in" | "out"): string {
  return join(folder, `${name}.${way}`);
}
