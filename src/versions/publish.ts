import { constants } from "node:fs";
import { chmod, copyFile, lstat, mkdir, open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { UnsafePathError } from "./layout.ts";
import { syncFolder, temporaryBeside } from "./write-file.ts";

const OWNER_WRITE = 0o200;

export interface Publication {
  /** The version: a file or a folder. */
  location: string;
  /** Where it goes; its folders are made. */
  target: string;
  /**
   * What becomes of a folder at `target`: `merge` (default) puts each file in its place and leaves others alone, as Kedro's
   * partitioned datasets share folders; `replace` swaps the whole folder.
   */
  existing?: "merge" | "replace";
}

/**
 * Copies a version to `target` durably, so that a reader finds the old file or the new one, whole. Throws UnsafePathError
 * rather than write through a symlink at `target`, or copy what a symlink in the version brings in from outside.
 */
export async function publishVersion({ location, target, existing = "merge" }: Publication): Promise<void> {
  const source = await realpath(location);
  await refuseSymlink(target);
  await mkdir(dirname(target), { recursive: true });
  const there = await typeOf(target);
  const here = (await stat(source)).isDirectory() ? "folder" : "file";
  if (there !== null && there !== here) {
    throw new UnsafePathError(`${target} is a ${there}, but the version to put there is a ${here}`);
  }
  if (here === "folder" && there === "folder" && existing === "merge") await mergeFolder(source, target, source);
  else await placeWhole(source, target);
}

async function placeWhole(source: string, target: string): Promise<void> {
  const temporary = temporaryBeside(target);
  try {
    await copyDurably(source, temporary, source);
    await swap(temporary, target);
    await syncFolder(dirname(target));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A file takes another's place in one step. A folder needs two: if the second fails, the old one goes back. */
async function swap(temporary: string, target: string): Promise<void> {
  if ((await typeOf(target)) !== "folder") return await rename(temporary, target);
  const old = temporaryBeside(target);
  await rename(target, old);
  try {
    await rename(temporary, target);
  } catch (error) {
    await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

async function mergeFolder(source: string, target: string, root: string): Promise<void> {
  for (const name of await readdir(source)) {
    const from = await resolveInside(join(source, name), root);
    const to = join(target, name);
    await refuseSymlink(to);
    if ((await stat(from)).isDirectory()) {
      await mkdir(to, { recursive: true });
      await mergeFolder(from, to, root);
    } else await placeWhole(from, to);
  }
}

/** Copies bytes and permissions; symlinks become the files that they lead to, which have to be below `root`. */
async function copyDurably(source: string, target: string, root: string): Promise<void> {
  const from = await resolveInside(source, root);
  const found = await stat(from);
  if (found.isDirectory()) {
    await mkdir(target);
    for (const name of await readdir(from)) await copyDurably(join(from, name), join(target, name), root);
    return await syncFolder(target);
  }
  await copyFile(from, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(target, found.mode | OWNER_WRITE);
  await using file = await open(target, "r+");
  await file.sync();
}

/** What `path` is, or leads to. Links to folders are refused: they may be loops, and no hash covers them. */
async function resolveInside(path: string, root: string): Promise<string> {
  const real = await realpath(path);
  if (real === path) return real;
  if (!real.startsWith(root + sep))
    throw new UnsafePathError(`${path} is a symbolic link to ${real}, outside of the version`);
  if ((await stat(real)).isDirectory()) throw new UnsafePathError(`${path} is a symbolic link to a folder`);
  return real;
}

async function refuseSymlink(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found?.isSymbolicLink()) throw new UnsafePathError(`${path} is a symbolic link: remove it, or publish elsewhere`);
}

async function typeOf(path: string): Promise<"file" | "folder" | null> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
