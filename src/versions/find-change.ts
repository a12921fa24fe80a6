import { stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import type { WatchedFile } from "../core/fingerprint.ts";
import type { CatalogEntry } from "../core/run.ts";
import { type Content, hashPath, walkFiles } from "./hash.ts";
import { partitionSuffix } from "./partition-suffix.ts";
import { markData } from "./tree/tree.ts";

/** Up to this size, content is compared by its hash; above, a file of the same size and time is taken for the same. */
const CHEAP_HASH_BYTES = 64_000_000;

/** Known facts of data that should not have changed. */
export interface KnownContent {
  location: string;
  bytes: number | null;
  hash: string | null;
  modifiedMs: number | null;
  /** Catalog entry, if a Kedro run saved the data: in a folder that datasets share, only some files are its own. */
  entry?: CatalogEntry | null;
  /** Files beside it that belong to it, as a version's record names them. */
  beside?: readonly string[];
}

/** Change of data: their present content, null if they are missing, as a whole or in part. */
export interface Change {
  now: Content | null;
  /** Missing path, if it is not the data's own file or folder. Absolute. */
  lost?: string;
}

/**
 * Measures size in bytes and newest change, in milliseconds since the epoch, of a file or of those files in a folder
 * that end with `suffix`. Symlinks without a target count 0. Throws ENOENT.
 */
export async function measurePath(path: string, suffix = ""): Promise<{ bytes: number; modifiedMs: number }> {
  const found = await stat(path);
  if (!found.isDirectory()) return { bytes: found.size, modifiedMs: found.mtimeMs };
  let [bytes, modifiedMs] = [0, 0];
  for await (const file of walkFiles(path, { suffix, leavesOutDangling: true })) {
    const { size, mtimeMs } = await stat(file);
    bytes += size;
    modifiedMs = Math.max(modifiedMs, mtimeMs);
  }
  return { bytes, modifiedMs };
}

/** Measures a version on this disk in the same way, with the files beside it that belong to it. */
export async function measureVersion({
  location,
  entry,
  beside = [],
}: Pick<KnownContent, "location" | "entry" | "beside">): Promise<{ bytes: number; modifiedMs: number }> {
  let { bytes, modifiedMs } = await measurePath(location, partitionSuffix(entry));
  for (const name of beside) {
    const measured = await measurePath(join(dirname(location), name));
    bytes += measured.bytes;
    modifiedMs = Math.max(modifiedMs, measured.modifiedMs);
  }
  return { bytes, modifiedMs };
}

/** The first of these files that was written or touched since it was looked at, or is gone; null if none was. */
export async function findWritten(files: readonly WatchedFile[]): Promise<string | null> {
  for (const file of files) if (!(await isUntouched(file).catch(() => false))) return file.path;
  return null;
}

async function isUntouched({ path, bytes, modifiedMs, mark }: WatchedFile): Promise<boolean> {
  if (mark !== undefined) return (await markData({ path })) === mark;
  const now = await measurePath(path);
  return now.bytes === bytes && now.modifiedMs === modifiedMs;
}

/**
 * Finds how data differ from their known facts; null if they don't, or are where runweave can't look. Throws if
 * unreadable.
 */
export async function findChange(known: KnownContent): Promise<Change | null> {
  const { location, bytes, hash, modifiedMs, entry, beside } = known;
  if (!isAbsolute(location) || hash === null) return null;
  try {
    const measured = await measureVersion(known);
    const looksSame = bytes === null || measured.bytes === bytes;
    const isSettled = modifiedMs === null || measured.modifiedMs === modifiedMs;
    if (looksSame && isSettled && measured.bytes > CHEAP_HASH_BYTES) return null;
    const now = await hashPath({ path: location, suffix: partitionSuffix(entry), beside });
    return now.hash === hash ? null : { now };
  } catch (error) {
    const { code = "", path } = error as NodeJS.ErrnoException;
    if (!["ENOENT", "ENOTDIR"].includes(code)) throw error;
    const isBeside = beside?.some((name) => join(dirname(location), name) === path) === true;
    return isBeside && path !== undefined ? { now: null, lost: path } : { now: null };
  }
}

/** One sentence's end: `is sha256:... (12 bytes) now`, `is gone`, or `has lost <path>, which belongs to it`. */
export function formatChange({ now, lost }: Change): string {
  if (lost !== undefined) return `has lost ${lost}, which belongs to it`;
  return now === null ? "is gone" : `is ${now.hash} (${now.bytes} bytes) now`;
}
