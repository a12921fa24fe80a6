import { lstat, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PublishedPath } from "../files-beside.ts";
import { hashPath } from "../hash.ts";
import { isThere } from "../move-path.ts";
import { listCopied } from "../publish.ts";

/** Places of a publication. */
export interface PublishedPlaces {
  /** Each file of the version, and where it goes. */
  files: { from: string; to: string }[];
  /** Folders that are made for it, outermost first. */
  made: string[];
}

/** Lists the places of a publication that is not begun. */
export async function listPlaces(paths: readonly PublishedPath[]): Promise<PublishedPlaces> {
  const places: PublishedPlaces = { files: [], made: [] };
  for (const { source, target } of paths) {
    places.made.push(...listMissingAbove(target));
    await addPlaces(await realpath(source), target, places);
  }
  return { ...places, made: [...new Set(places.made)] };
}

/** True if each file of a publication stands at its place already, byte for byte, so that a copy would change nothing. */
export async function standsAlready(paths: readonly PublishedPath[]): Promise<boolean> {
  const { files, made } = await listPlaces(paths);
  if (made.length > 0) return false;
  for (const { from, to } of files) {
    const there = await lstat(to).catch(() => null);
    if (there?.isFile() !== true || there.size !== (await stat(from)).size) return false;
    if ((await hashPath({ path: from })).hash !== (await hashPath({ path: to })).hash) return false;
  }
  return true;
}

async function addPlaces(from: string, to: string, places: PublishedPlaces): Promise<void> {
  if (!(await stat(from)).isDirectory()) {
    places.files.push({ from, to });
    return;
  }
  if (!isThere(to)) places.made.push(to);
  for (const name of (await listCopied(from)).sort()) await addPlaces(join(from, name), join(to, name), places);
}

function listMissingAbove(path: string): string[] {
  const missing: string[] = [];
  for (let folder = dirname(path); !isThere(folder); folder = dirname(folder)) missing.unshift(folder);
  return missing;
}
