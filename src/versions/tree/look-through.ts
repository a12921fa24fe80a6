import type { BigIntStats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type DataKind, kindOf } from "../data-kind.ts";

/** A file, a folder or a link as it is at one time. */
export interface Look {
  kind: DataKind;
  /** Mark that changes with every write, replacement, restore or move. The file is not read for it. */
  mark: string;
  /** The times of the last write, which users can set, and of the inode's last change, which they can't: nanoseconds since the epoch. */
  timesNs: readonly bigint[];
}

/**
 * Returns all entries at a path, by their names below it; the path itself has the name "". Empty if it does not exist.
 */
export async function lookThrough(path: string): Promise<Map<string, Look>> {
  const looks = new Map<string, Look>();
  const waiting = [""];
  for (const name of waiting) {
    const at = join(path, name);
    const own = await lookAt(at, lstat);
    if (own === null) continue;
    const led = own.isSymbolicLink() ? await lookAt(at, stat) : own;
    looks.set(name, joinLooks(own, led));
    // A link to a folder is followed where it is all that was asked for, as by its copy.
    const isFolder = (name === "" ? led : own)?.isDirectory() === true;
    if (isFolder) waiting.push(...(await listNames(at)).map((each) => join(name, each)));
  }
  return looks;
}

async function lookAt(path: string, how: typeof lstat | typeof stat): Promise<BigIntStats | null> {
  return await how(path, { bigint: true }).catch(() => null);
}

async function listNames(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

/** The target of a link counts as well. */
function joinLooks(own: BigIntStats, led: BigIntStats | null): Look {
  const all = led === null || led === own ? [own] : [own, led];
  return {
    kind: kindOf(led ?? own),
    mark: all.map(({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(":")).join(" "),
    timesNs: all.flatMap(({ mtimeNs, ctimeNs }) => [mtimeNs, ctimeNs]),
  };
}

/**
 * The times at which folders above a path were moved or restored, as far as can be told: the inode of each has changed since
 * its list of names last did. Throws ENOENT.
 */
export async function findMovesAbove(path: string): Promise<bigint[]> {
  const moves: bigint[] = [];
  for (let folder = dirname(await realpath(path)); folder !== dirname(folder); folder = dirname(folder)) {
    const { mtimeNs, ctimeNs } = await stat(folder, { bigint: true });
    if (mtimeNs < ctimeNs) moves.push(ctimeNs);
  }
  return moves;
}
