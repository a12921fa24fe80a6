import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PlainTree } from "../../core/read.ts";
import { listFew } from "../../core/text/list-few.ts";
import { hashPath } from "../hash.ts";
import { type HashedFile, hashTree, listTree, markTree, measureTree, type TreeFile } from "./tree.ts";
import { readListing } from "./tree-listing.ts";

const NAMES_TOLD = 5;
const FILES_AT_ONCE = 32;
/** Read in one piece. */
const SMALL_BYTES = 1_000_000;
const HASH_PREFIX = "sha256:";
/** Size in bytes above which unknown content is not read: a plan should not take minutes, nor a look after a run. */
export const READ_BYTES = 256_000_000;

/** A folder that is only read, as it was when the plan was made. */
export interface KnownTree {
  path: string;
  /** `sha256:...`; null if the data have not been read as a whole. */
  hash: string | null;
  tree: PlainTree;
}

/**
 * Describes changes in a folder: the end of a sentence, with the names of added, removed and changed files; null if
 * there are none. Files that were only touched are read once more. Throws the system's error.
 */
export async function describeTreeChange({ path, hash, tree }: KnownTree): Promise<string | null> {
  const now = await listTree({ path, ...tree });
  if (markTree(path, now) === tree.mark) return null;
  const before = readListing(tree.listing)?.files ?? null;
  const known = await readChanged(path, { now, before: before ?? [] });
  const found = hashTree(known);
  if (hash !== null && found === hash) return null;
  const { bytes, modifiedMs } = measureTree(now);
  const size = `(${now.length} files, ${bytes} bytes)`;
  const names = before === null ? "" : explainNames(before, known);
  // Data that have not been read count as unchanged as long as sizes and times are equal.
  if (before !== null && names === "" && (hash === null || found === null)) return null;
  const is =
    found === null ? `was last changed ${new Date(modifiedMs).toISOString()} ${size}` : `is ${found} ${size} now`;
  return names === "" ? is : `${is}: ${names}`;
}

/** The files with what they hold, of those that are what they were from the listing. */
async function readChanged(
  path: string,
  { now, before }: { now: readonly TreeFile[]; before: readonly HashedFile[] },
): Promise<HashedFile[]> {
  const byName = new Map(before.map((file) => [file.name, file]));
  const files = now.map((file): HashedFile => {
    const known = byName.get(file.name);
    return { ...file, digest: known?.mark === file.mark ? known.digest : null };
  });
  return await readFiles(path, files);
}

/** The files, those with an unknown content read, unless together they are larger than `READ_BYTES`. */
export async function readFiles(path: string, files: readonly HashedFile[]): Promise<HashedFile[]> {
  const unknown = files.filter(({ digest }) => digest === null);
  if (measureTree(unknown).bytes > READ_BYTES) return [...files];
  const read: HashedFile[] = [];
  for (let at = 0; at < files.length; at += FILES_AT_ONCE)
    read.push(...(await Promise.all(files.slice(at, at + FILES_AT_ONCE).map((file) => readDigest(path, file)))));
  return read;
}

async function readDigest(path: string, file: HashedFile): Promise<HashedFile> {
  if (file.digest !== null) return file;
  const location = join(path, file.name);
  if (file.bytes <= SMALL_BYTES) {
    const digest = createHash("sha256")
      .update(await readFile(location))
      .digest("hex");
    return { ...file, digest };
  }
  const { hash } = await hashPath({ path: location });
  return { ...file, digest: hash.slice(HASH_PREFIX.length) };
}

function explainNames(before: readonly HashedFile[], now: readonly HashedFile[]): string {
  const byName = new Map(before.map((file) => [file.name, file]));
  const after = new Set(now.map(({ name }) => name));
  const told = [
    ["added", now.filter(({ name }) => !byName.has(name))],
    ["removed", before.filter(({ name }) => !after.has(name))],
    ["changed", now.filter((file) => isOther(file, byName.get(file.name)))],
  ] as const;
  return told
    .map(([what, files]) => ({ what, names: files.map(({ name }) => `'${name}'`) }))
    .filter(({ names }) => names.length > 0)
    .map(({ what, names }) => `${what} ${listFew(names, NAMES_TOLD)}`)
    .join(", ");
}

function isOther(now: HashedFile, then: HashedFile | undefined): boolean {
  if (then === undefined || then.mark === now.mark) return false;
  if (then.digest !== null && now.digest !== null) return then.digest !== now.digest;
  return then.bytes !== now.bytes || then.modifiedMs !== now.modifiedMs;
}
