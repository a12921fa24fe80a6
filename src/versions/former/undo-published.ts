import { mkdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { PublishedState } from "../../core/port/plain-storage.ts";
import type { PublishedFile } from "../../core/trash-manifest.ts";
import { dropEntry, type TrashEntry } from "../trash/trash.ts";
import { itemPath } from "../trash/trash-manifest.ts";
import { syncFolder } from "../write-file.ts";
import { contentAt } from "./content-at.ts";
import { copyWhole } from "./copy-whole.ts";

/** Compares what is at a path now; `former-lost` if what stood there before is in the trash no more. */
export async function judgePublished(
  { folder, manifest }: TrashEntry,
  { path, hash, former }: PublishedFile,
): Promise<PublishedState> {
  const item = manifest.items.find(({ name }) => name === former) ?? null;
  const now = await contentAt(path);
  if (now === (item?.hash ?? null)) return "as-before";
  if (item !== null && (await contentAt(itemPath(folder, item))) !== item.hash) return "former-lost";
  return now === hash ? "published" : "changed";
}

/** Puts the former file back, in one step, or removes the published one if there was none. */
export async function undoPublished({ folder, manifest }: TrashEntry, file: PublishedFile): Promise<void> {
  const { path, former, made = null } = file;
  const item = manifest.items.find(({ name }) => name === former);
  if (item === undefined) {
    await rm(path, { recursive: true, force: true });
    if (made !== null) await removeEmpty(dirname(path), made);
    return;
  }
  const kept = itemPath(folder, item);
  await mkdir(dirname(path), { recursive: true });
  try {
    await rename(kept, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await copyWhole(kept, path);
    await rm(kept);
  }
  await syncFolder(dirname(path));
}

/**
 * Ends a publication of which each file was undone: folders that were made for it go if they are empty, and so does its entry. An entry
 * stays that holds anything else than what stands in its place now: a process may have written to it.
 */
export async function closePublished(trash: string, { folder, manifest }: TrashEntry): Promise<void> {
  for (const made of (manifest.folders ?? []).toReversed()) await rmdir(made).catch(() => {});
  for (const item of manifest.items) {
    const kept = await contentAt(itemPath(folder, item));
    if (kept !== null && kept !== (await contentAt(item.original))) return;
  }
  await dropEntry(trash, manifest.id);
}

/** Removes folders that were made for a publication, if they are empty. */
async function removeEmpty(folder: string, until: string): Promise<void> {
  for (let at = folder; at.startsWith(until); at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return;
    }
  }
}
