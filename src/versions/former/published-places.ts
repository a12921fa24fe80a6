import { realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PublishedPath } from "../files-beside.ts";
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
