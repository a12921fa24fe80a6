import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { sweepTemporaries, writeFileWhole } from "../write-file.ts";
import type { HashedFile, TreeSelection } from "./tree.ts";

/** Number of kept listings of one folder, the newest: a session that is under way may go by an older one. */
const KEPT_OF_ONE = 4;
const KEPT_OF_ALL = 64;
const NAME_DIGITS = 16;

/** Content of a folder at one time, to tell later which files came, went or changed. */
export interface TreeListing {
  /** Time of the look, milliseconds since the epoch. */
  lookedMs: number;
  files: HashedFile[];
}

/** The file that the listing with this mark is kept in. */
export function listingPath(folder: string, selection: TreeSelection, mark: string): string {
  return join(folder, `${nameSelection(selection)}-${mark.slice(0, NAME_DIGITS)}.json`);
}

/** Null if there is none, or a damaged one: then all files are read again. */
export function readListing(path: string): TreeListing | null {
  try {
    // A pipe would be waited for.
    if (!lstatSync(path).isFile()) return null;
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isListing(value) ? value : null;
  } catch {
    return null;
  }
}

/** The newest listing of a folder; null if there is none. */
export function readNewestListing(folder: string, selection: TreeSelection): TreeListing | null {
  const [newest] = sortByAge(folder, `${nameSelection(selection)}-`);
  return newest === undefined ? null : readListing(newest);
}

/** Keeps a listing, for as long as there are not too many. What can't be written only makes later looks slower. */
export function writeListing(path: string, listing: TreeListing): void {
  try {
    const folder = dirname(path);
    // The state folder itself is not made: a look at files is no reason for one.
    if (!existsSync(dirname(dirname(folder)))) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    sweepTemporaries(folder);
    writeFileWhole(path, JSON.stringify(listing));
    const ofOne = path.slice(folder.length + 1).split("-", 1)[0];
    for (const old of sortByAge(folder, `${ofOne}-`).slice(KEPT_OF_ONE)) rmSync(old, { force: true });
    for (const old of sortByAge(folder, "").slice(KEPT_OF_ALL)) rmSync(old, { force: true });
  } catch {
    // A full or read-only disk: the next look reads the files again.
  }
}

function nameSelection({ path, suffix, ignored }: TreeSelection): string {
  return createHash("sha256")
    .update(JSON.stringify([path, suffix, ignored]))
    .digest("hex")
    .slice(0, NAME_DIGITS);
}

function sortByAge(folder: string, prefix: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith(".json"))
    .map((name) => join(folder, name))
    .map((path) => ({ path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.time - a.time)
    .map(({ path }) => path);
}

function isListing(value: unknown): value is TreeListing {
  if (typeof value !== "object" || value === null) return false;
  const { lookedMs, files } = value as Partial<TreeListing>;
  return typeof lookedMs === "number" && Array.isArray(files) && files.every(isHashedFile);
}

function isHashedFile(value: unknown): value is HashedFile {
  if (typeof value !== "object" || value === null) return false;
  const { name, bytes, modifiedMs, mark, digest } = value as Partial<HashedFile>;
  const isText = typeof name === "string" && typeof mark === "string";
  return (
    isText && Number.isFinite(bytes) && Number.isFinite(modifiedMs) && (digest === null || typeof digest === "string")
  );
}
