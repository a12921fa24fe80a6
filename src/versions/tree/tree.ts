import { createHash } from "node:crypto";
import { type BigIntStats, readdirSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { NameRefusedError } from "../data-kind.ts";
import { isStaging } from "../staging.ts";

/**
 * Number of files that are looked at before others get their turn: all of this is synchronous, which takes half the
 * time.
 */
const FILES_AT_ONCE = 500;
const NS_PER_MS = 1e6;

/** Selection of the files of a folder that count. */
export interface TreeSelection {
  path: string;
  /** End of their names; empty for all files. */
  suffix: string;
  /** Relative names of files and folders that are no data. */
  ignored: readonly string[];
}

export interface TreeFile {
  /** Relative to the folder. */
  name: string;
  bytes: number;
  /** Milliseconds since the epoch. */
  modifiedMs: number;
  /** Mark that changes with every write, replacement or touch of the file. The file is not read for it. */
  mark: string;
}

/** File with its hash, which is valid as long as the mark stays. */
export interface HashedFile extends TreeFile {
  /** 64 hexadecimal digits; null if the file has not been read. */
  digest: string | null;
}

/**
 * Lists the files of a folder, by name. As in `hashPath`, symlinks to files count as their targets, those to folders
 * are left out. Throws the system's error, and NameRefusedError for a name that is no UTF-8, which can't be asked for.
 */
export async function listTree({ path, suffix, ignored }: TreeSelection): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  const folders = [""];
  let looks = 0;
  for (const folder of folders) {
    for (const entry of readdirSync(join(path, folder), { withFileTypes: true })) {
      const name = join(folder, entry.name);
      if (ignored.includes(name) || isStaging(entry.name)) continue;
      if (entry.isDirectory()) folders.push(name);
      else if (name.endsWith(suffix)) {
        if (name.includes("\uFFFD")) throw new NameRefusedError(join(path, name));
        const found = statSync(join(path, name), { bigint: true, throwIfNoEntry: false });
        if (found?.isFile()) files.push(describeFile(name, found));
        looks += 1;
        if (looks % FILES_AT_ONCE === 0) await nextTurn();
      }
    }
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The worker's `mark_local` says the same, as they are compared. */
function describeFile(name: string, found: BigIntStats): TreeFile {
  const { size, mtimeNs } = found;
  return { name, bytes: Number(size), modifiedMs: Number(mtimeNs) / NS_PER_MS, mark: markStats(found) };
}

/** Another one whenever a file was written, replaced or touched. */
export function markStats({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

/** The mark of one file. Throws what the system says. */
async function markPath(path: string): Promise<string> {
  return markStats(await stat(path, { bigint: true }));
}

/** Data on this disk: a file, or those files of a folder that count, and files beside it that belong to it. */
export interface MarkedData extends Partial<TreeSelection> {
  path: string;
  beside?: readonly string[] | undefined;
}

/** A mark of data that changes when any file of it is written, replaced or touched, comes or goes. Reads no content. Throws system errors. */
export async function markData({ path, suffix = "", ignored = [], beside = [] }: MarkedData): Promise<string> {
  const isFolder = (await stat(path)).isDirectory();
  const own = isFolder ? markTree(path, await listTree({ path, suffix, ignored })) : await markPath(path);
  const others = await Promise.all(beside.map((name) => markData({ path: join(dirname(path), name) })));
  return [own, ...others].join(" ");
}

/** Returns a mark that changes when any of the files changes, comes or goes. */
export function markTree(path: string, files: readonly TreeFile[]): string {
  const lines = files.map(({ name, mark }) => Buffer.from(`${join(path, name)} ${mark}`)).sort(Buffer.compare);
  return createHash("sha256")
    .update(lines.map((line) => line.toString()).join("\n"))
    .digest("hex");
}

/** Returns the hash of the folder as `hashPath` does; null if a file's content is not known. */
export function hashTree(files: readonly HashedFile[]): string | null {
  if (files.some(({ digest }) => digest === null)) return null;
  const lines = files.map(({ name, digest }) => Buffer.from(`${digest}  ${name}\n`)).sort(Buffer.compare);
  const hash = createHash("sha256");
  for (const line of lines) hash.update(line);
  return `sha256:${hash.digest("hex")}`;
}

/** Size of all files, and the newest change of any of them. */
export function measureTree(files: readonly TreeFile[]): { bytes: number; modifiedMs: number } {
  let [bytes, modifiedMs] = [0, 0];
  for (const file of files) {
    bytes += file.bytes;
    modifiedMs = Math.max(modifiedMs, file.modifiedMs);
  }
  return { bytes, modifiedMs };
}
