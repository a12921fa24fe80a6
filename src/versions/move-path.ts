import { constants, type Dirent, lstatSync, type Stats } from "node:fs";
import { chmod, copyFile, lstat, mkdir, open, readdir, readlink, rename, rm, symlink, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { kindOf, NotDataError } from "./data-kind.ts";
import { hashPath } from "./hash.ts";
import { movingBeside } from "./staging.ts";
import { RemovalError, removeTree } from "./tree/remove-tree.ts";
import { syncFolder, writeFileWhole } from "./write-file.ts";

const OWNER_WRITE = 0o200;

export interface Move {
  from: string;
  /** New path: its folder is made; it must not exist itself. */
  to: string;
  /**
   * A file that is there while a copy is whole at `to` and `from` is still being removed: who finds it removes the rest. It says why that
   * could not be done.
   */
  marker: string;
}

/** Something stands where a file or folder was to go. */
export class PlaceTakenError extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`there is something at ${path}`);
    this.name = "PlaceTakenError";
    this.path = path;
  }
}

/** The copy on another file system differs from its original: something has written to it meanwhile. */
export class MoveChangedError extends Error {
  constructor(path: string) {
    super(`${path} changed while it was copied, or its copy is not the same`);
    this.name = "MoveChangedError";
  }
}

export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // A file is above it.
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return false;
    throw error;
  }
}

/**
 * Moves a file or a folder, never over an existing one: in one step on one file system; else copied, flushed and
 * compared before the original goes. Interrupted at any point it is whole at one of the two places; the same call then
 * finishes it. Throws PlaceTakenError, MoveChangedError; RemovalError if the original can't be removed once its copy is
 * whole. False if it was moved already.
 */
export async function movePath({ from, to, marker }: Move): Promise<boolean> {
  if (isThere(marker)) {
    if (isThere(to)) {
      // A marker may be forged by any process that can write here: data are removed only if they are whole at the other
      // place.
      if (!(await isCopied(from, to))) throw new PlaceTakenError(to);
      await removeOriginal({ from, marker });
    }
    await removeTree(marker);
    if (isThere(to)) return true;
  }
  if (!isThere(from)) return false;
  if (isThere(to)) throw new PlaceTakenError(to);
  await mkdir(dirname(to), { recursive: true });
  try {
    await renameAnyway(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await moveAcross({ from, to, marker });
  }
  await Promise.all([syncFolder(dirname(to)), syncFolder(dirname(from))]);
  return true;
}

/** A folder that is closed to its owner does not go into another one, so that it is open while it moves. */
async function renameAnyway(from: string, to: string): Promise<void> {
  try {
    return await rename(from, to);
  } catch (error) {
    const found = await lstat(from);
    const isClosed = found.isDirectory() && (found.mode & OWNER_WRITE) === 0;
    if (!isClosed || (error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    await chmod(from, found.mode | OWNER_WRITE).catch(() => {
      throw error;
    });
    await rename(from, to).catch(async (fault) => {
      await chmod(from, found.mode);
      throw fault;
    });
    await chmod(to, found.mode);
  }
}

/** Removes what has been copied, or writes down in the marker why it stays. */
async function removeOriginal({ from, marker }: Pick<Move, "from" | "marker">): Promise<void> {
  try {
    await removeTree(from);
  } catch (error) {
    if (error instanceof RemovalError) writeReason(marker, error.message);
    throw error;
  }
}

/** Writes the reason for `doctor`, which on a full disk does without. */
export function writeReason(path: string, reason: string): void {
  try {
    writeFileWhole(path, reason);
  } catch {}
}

/** True if all data that are left at `from` are at `to` as well, bit for bit; pipes, sockets and devices in a folder are not copied. */
export async function isCopied(from: string, to: string): Promise<boolean> {
  const [left, whole] = [lstatSync(from, { throwIfNoEntry: false }), lstatSync(to, { throwIfNoEntry: false })];
  if (left === undefined) return true;
  if (whole === undefined || (left.mode & constants.S_IFMT) !== (whole.mode & constants.S_IFMT)) return false;
  if (left.isSymbolicLink()) return (await readlink(from)) === (await readlink(to));
  if (left.isDirectory()) {
    for (const name of await listMoved(from)) if (!(await isCopied(join(from, name), join(to, name)))) return false;
    return true;
  }
  if (isNoData(left) || left.size !== whole.size) return false;
  return (await hashPath({ path: from })).hash === (await hashPath({ path: to })).hash;
}

/** Exported for its tests: a second file system is not everywhere. */
export async function moveAcross({ from, to, marker }: Move): Promise<void> {
  // The same name each time, so that a copy that was cut off is not left behind.
  const copy = movingBeside(to);
  await removeTree(copy);
  try {
    await copyTree(from, copy);
    if (!(await isCopied(from, copy))) throw new MoveChangedError(from);
    await using mark = await open(marker, "w", 0o600);
    await mark.sync();
    await rename(copy, to);
    await syncFolder(dirname(to));
  } catch (error) {
    // The next try removes what can't be removed now, or tells of it.
    await removeTree(copy).catch(() => {});
    throw error;
  }
  await removeOriginal({ from, marker });
  await rm(marker);
}

/** Removes what a move to `to` that was cut off has left beside that. */
export async function removeMoving(to: string): Promise<void> {
  await removeTree(movingBeside(to));
}

async function listMoved(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => !isNoData(entry)).map(({ name }) => name);
}

/** True for a pipe, a socket or a device: it holds no data once its processes have ended. */
function isNoData(found: Dirent | Stats): boolean {
  return !found.isSymbolicLink() && kindOf(found) === "other";
}

/**
 * Copies bytes, permissions and times, durably; symbolic links stay what they are. What is no data is left out of a folder. Throws
 * NotDataError if it is all that there is.
 */
export async function copyTree(from: string, to: string): Promise<void> {
  const found = await lstat(from);
  if (isNoData(found)) throw new NotDataError(from);
  if (found.isSymbolicLink()) return await symlink(await readlink(from), to);
  if (found.isDirectory()) {
    await mkdir(to);
    for (const name of await listMoved(from)) await copyTree(join(from, name), join(to, name));
    await syncFolder(to);
  } else {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(to, found.mode | OWNER_WRITE);
    await using file = await open(to, "r+");
    await file.sync();
  }
  await chmod(to, found.mode);
  await utimes(to, found.atimeMs / 1000, found.mtimeMs / 1000);
}
