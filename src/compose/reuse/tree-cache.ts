import { join } from "node:path";
import {
  type HashedFile,
  hashTree,
  listTree,
  markTree,
  measureTree,
  type TreeSelection,
} from "../../versions/tree/tree.ts";
import { readFiles } from "../../versions/tree/tree-change.ts";
import { listingPath, readNewestListing, type TreeListing, writeListing } from "../../versions/tree/tree-listing.ts";

/** A folder that was looked at. */
export interface LookedAtTree {
  bytes: number;
  modifiedMs: number;
  /** Null if it is too large to be read for that. */
  hash: string | null;
  files: number;
  mark: string;
  /** Path of its listing after `save`. */
  listing: string;
}

/** A file that changed this recently may change again within the resolution of its time. */
export const SETTLED_AFTER_MS = 2_000;

/** Contents of folders, file by file, each valid until that file is written. */
export interface TreeCache {
  /** Throws what the system says if something of it can't be read. */
  look(selection: TreeSelection): Promise<LookedAtTree>;
  save(): void;
}

/** Listings are kept in `folder`. */
export function openTreeCache(folder: string, now: () => number): TreeCache {
  const digests = new Map<string, { mark: string; digest: string }>();
  const underWay = new Map<string, Promise<LookedAtTree>>();
  const unsaved = new Map<string, TreeListing>();
  const look = async (selection: TreeSelection): Promise<LookedAtTree> => {
    const { path } = selection;
    const lookedMs = now();
    const found = await listTree(selection);
    const stored = recall(readNewestListing(folder, selection));
    const partly = found.map((file): HashedFile => {
      const known = [digests.get(join(path, file.name)), stored.get(file.name)].find(
        (each) => each?.mark === file.mark,
      );
      return { ...file, digest: known?.digest ?? null };
    });
    const files = await readFiles(path, partly);
    for (const { name, mark, digest } of files) if (digest !== null) digests.set(join(path, name), { mark, digest });
    const mark = markTree(path, found);
    const listing = listingPath(folder, selection, mark);
    unsaved.set(listing, { lookedMs, files });
    return { ...measureTree(files), hash: hashTree(files), files: files.length, mark, listing };
  };
  return {
    look: (selection) => {
      const key = JSON.stringify(selection);
      const found = underWay.get(key) ?? look(selection);
      underWay.set(key, found);
      return found;
    },
    save: () => {
      for (const [path, listing] of unsaved) writeListing(path, listing);
      unsaved.clear();
    },
  };
}

function recall(listing: TreeListing | null): Map<string, { mark: string; digest: string }> {
  const { lookedMs, files } = listing ?? { lookedMs: 0, files: [] };
  const settled = files.filter(({ modifiedMs }) => lookedMs - modifiedMs > SETTLED_AFTER_MS);
  return new Map(
    settled.flatMap(({ name, mark, digest }) => (digest === null ? [] : [[name, { mark, digest }] as const])),
  );
}
