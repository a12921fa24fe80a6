import { readdirSync } from "node:fs";
import type { PublishedFile, TrashManifest } from "../../core/trash-manifest.ts";
import { dropEntry, findEntry, type TrashEntry } from "../trash/trash.ts";
import { itemPath } from "../trash/trash-manifest.ts";
import { contentAt } from "./content-at.ts";

/** A publication, before its entry is made. */
export type AboutFormer = Omit<TrashManifest, "format" | "items" | "published" | "folders">;

/** The entries that a session has made for one path, the first one first. Throws TrashFaultError. */
export function findTries(trash: string, id: string): TrashEntry[] {
  const numbers = listNames(trash).flatMap((name) => readNumber(id, name) ?? []);
  return numbers.sort((a, b) => a - b).flatMap((number) => findEntry(trash, nameTry(id, number)) ?? []);
}

/** The id of the entry after the last one. */
export function nextTry(id: string, tries: readonly TrashEntry[]): string {
  const last = tries.at(-1);
  return nameTry(id, last === undefined ? 1 : (readNumber(id, last.manifest.id) ?? 1) + 1);
}

/** True of an entry of the same publication: of this version, with the same files. */
export function isOf(
  { manifest: { run_id, published = [] } }: TrashEntry,
  about: AboutFormer,
  files: readonly Pick<PublishedFile, "path" | "hash">[],
): boolean {
  const hashes = new Map(published.map(({ path, hash }) => [path, hash]));
  const isSame = files.every(({ path, hash }) => hashes.get(path) === hash);
  return run_id === about.run_id && isSame && published.length === files.length;
}

/** Removes the earlier entries of the same version of which a later one holds everything. */
export async function dropCovered(trash: string, id: string): Promise<void> {
  const tries = findTries(trash, id);
  const last = tries.at(-1);
  if (last === undefined) return;
  for (const entry of tries.slice(0, -1)) {
    const isSame = entry.manifest.run_id === last.manifest.run_id;
    if (isSame && (await isCovered(entry, last))) await dropEntry(trash, entry.manifest.id);
  }
}

async function isCovered(entry: TrashEntry, last: TrashEntry): Promise<boolean> {
  for (const item of entry.manifest.items) {
    const held = await contentAt(itemPath(entry.folder, item));
    if (held === null) continue;
    const other = last.manifest.items.find(({ original }) => original === item.original);
    if (other === undefined || (await contentAt(itemPath(last.folder, other))) !== held) return false;
  }
  return true;
}

function nameTry(id: string, number: number): string {
  return number === 1 ? id : `${id}-${number}`;
}

function readNumber(id: string, name: string): number | null {
  if (name === id) return 1;
  const rest = name.startsWith(`${id}-`) ? name.slice(id.length + 1) : "";
  return /^[2-9]$|^[1-9]\d{1,4}$/.test(rest) ? Number(rest) : null;
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
