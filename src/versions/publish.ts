import { constants, renameSync } from "node:fs";
import { chmod, copyFile, lstat, mkdir, open, readdir, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { explainMissing, kindAt, kindOf, NotDataError } from "./data-kind.ts";
import { findBlocker, UnsafePathError } from "./layout.ts";
import { makeFolders } from "./make-folders.ts";
import { isStaging } from "./staging.ts";
import { syncFolder } from "./write-file.ts";

const OWNER_WRITE = 0o200;
const OWNER_ALL = 0o700;
/** No write by others, no set-user-ID, set-group-ID or sticky bit. */
const SHARED = 0o755;
const SPECIAL_BITS = 0o7000;

/** Puts one file or folder in its place `target`, in one step, when it calls `place`. Throws to refuse it. */
export type PlaceGuard = (place: () => void, target: string) => void;

interface Placement {
  /**
   * Place of the copy: on the file system of `target`, outside of the version's own folder, and used for this alone.
   */
  staging: string;
  /** The place that it takes. A folder that is there already is joined file by file, as partitioned datasets share folders. */
  target: string;
  /** Called around each rename, which is synchronous: it can be part of a transaction. */
  guard?: PlaceGuard;
}

export interface Publication extends Placement {
  /** The version: a file or a folder. */
  location: string;
}

/**
 * Copies a version to `target`: whole and durably to `staging` first, then by renames, so that a reader finds the old
 * file or the new one. Throws UnsafePathError rather than write through a symlink at `target`, or copy data that a
 * symlink in the version brings in from outside; NotDataError; the errors of `guard`. `staging` is removed then.
 */
export async function publishVersion({ location, target, ...how }: Publication): Promise<void> {
  await refuseTaken(location, target);
  makeFolders(dirname(target));
  try {
    await stageVersion({ location, staging: how.staging });
    await placeStaged({ target, ...how });
  } finally {
    await rm(how.staging, { recursive: true, force: true });
  }
}

/** The first half: a copy at `staging`, flushed. What an earlier try left there goes first. The folder above has to be there. */
export async function stageVersion({ location, staging }: Pick<Publication, "location" | "staging">): Promise<void> {
  await rm(staging, { recursive: true, force: true });
  const source = await realpath(location);
  await copyDurably(source, staging, source);
}

/** Does the second half, for a caller that has a check in between. It removes no file. */
export async function placeStaged({ staging, target, guard = (place) => place() }: Placement): Promise<void> {
  await refuseTaken(staging, target);
  await place({ staging, target, guard }, basename(staging));
  await syncFolder(dirname(target));
}

/** Throws UnsafePathError, before anything is replaced, if a file, a folder or a link is in the way of what goes to `target`. */
export async function refuseTaken(source: string, target: string): Promise<void> {
  const here = await kindAt(source);
  if (here === "other") throw new NotDataError(source);
  const above = findBlocker(target);
  if (above !== null) throw new UnsafePathError(`${above} is not a folder, so nothing can be put at ${target}`);
  const found = await lstat(target).catch(() => null);
  if (found === null) return;
  if (found.isSymbolicLink())
    throw new UnsafePathError(`${target} is a symbolic link: remove it, or publish elsewhere`);
  const there = kindOf(found);
  if (there === "other") throw new NotDataError(target);
  if (there !== here) throw new UnsafePathError(`${target} is a ${there}, but the version to put there is a ${here}`);
  if (here === "file") return;
  for (const name of await listCopied(source)) await refuseTaken(join(source, name), join(target, name));
}

/** Files take each other's places, folders are joined: what is missing at `target` comes in one step. */
async function place({ staging, target, guard }: Required<Placement>, nearName: string): Promise<void> {
  const there = await lstat(target).catch(() => null);
  if (there?.isDirectory() !== true) return await renameGuarded({ staging, target, guard }, nearName);
  for (const name of (await readdir(staging)).sort()) {
    await place({ staging: join(staging, name), target: join(target, name), guard }, nearName);
  }
  await syncFolder(target);
}

async function renameGuarded({ staging, target, guard }: Required<Placement>, nearName: string): Promise<void> {
  try {
    return guard(() => renameSync(staging, target), target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
  }
  // Something is mounted within the target: no rename leads there, so that the copy is made once more, on that side.
  const near = join(dirname(target), nearName);
  try {
    await stageVersion({ location: staging, staging: near });
    guard(() => renameSync(near, target), target);
  } finally {
    await rm(near, { recursive: true, force: true });
  }
}

/** Copies bytes and permissions, those of folders too, but what lets others write or act as the owner; symlinks become the files that they lead to, which have to be below `root`. */
async function copyDurably(source: string, target: string, root: string): Promise<void> {
  const from = await resolveInside(source, root);
  const found = await stat(from);
  const kind = kindOf(found);
  if (kind === "other") throw new NotDataError(source);
  if (kind === "folder") {
    await mkdir(target, { mode: OWNER_ALL });
    for (const name of await listCopied(from)) await copyDurably(join(from, name), join(target, name), root);
    // Special bits come from the folder above, as for every new folder.
    const { mode } = await stat(target);
    await chmod(target, (mode & SPECIAL_BITS) | (found.mode & SHARED) | OWNER_ALL);
    return await syncFolder(target);
  }
  await copyFile(from, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(target, (found.mode & SHARED) | OWNER_WRITE);
  await using file = await open(target, "r+");
  await file.sync();
}

/** The names in a folder that are copied: data, and no unfinished copies of other publications. */
export async function listCopied(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (isStaging(entry.name)) continue;
    // A link without a target is listed, so that the copy refuses it.
    const kind = entry.isSymbolicLink() ? await kindAt(join(folder, entry.name)).catch(() => null) : kindOf(entry);
    if (kind !== "other") names.push(entry.name);
  }
  return names;
}

/** Resolves `path`. Links to folders are refused: they may be loops, and no hash covers them. */
async function resolveInside(path: string, root: string): Promise<string> {
  const real = await realpath(path).catch((error) => {
    throw explainMissing(error, path);
  });
  if (real === path) return real;
  if (!real.startsWith(root + sep))
    throw new UnsafePathError(`${path} is a symbolic link to ${real}, outside of the version`);
  if ((await stat(real)).isDirectory()) throw new UnsafePathError(`${path} is a symbolic link to a folder`);
  return real;
}
