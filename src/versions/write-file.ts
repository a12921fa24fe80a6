import { randomUUID } from "node:crypto";
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { nameFile } from "../core/error/system-error.ts";
import { makerOfTemporary, nameTemporary } from "../core/text/temporary-name.ts";

/** Modes, from which the umask takes bits. */
const PRIVATE = 0o600;
const SHARED = 0o666;

/**
 * Writes a file so that it is either whole or as before, and survives a loss of power once this resolves: a temporary file
 * beside it, flushed, then a rename.
 */
export async function writeFileDurably(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await writeNew(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw nameFile(error, path);
  }
  await syncFolder(dirname(path));
}

/** Writes a file whole, at a tenth of the cost. After a loss of power it may be gone or empty: its reader has to check. */
export function writeFileWhole(path: string, content: string | Uint8Array): void {
  replaceFile(path, content, PRIVATE);
}

/** Writes a file of the user's own in the same way, readable for all whom the umask allows. */
export function writeFileShared(path: string, content: string): void {
  replaceFile(path, content, SHARED);
}

/** Writes a file where none is, for its owner alone. A file that was cut by a full disk stays. Throws EEXIST for one that is there. */
export function writeNewFile(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content, { mode: PRIVATE, flag: "wx" });
  } catch (error) {
    throw nameFile(error, path);
  }
}

function replaceFile(path: string, content: string | Uint8Array, mode: number): void {
  const temporary = temporaryBeside(path);
  try {
    writeFileSync(temporary, content, { mode, flag: "wx" });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw nameFile(error, path);
  }
}

/** Makes what was renamed, created or deleted in a folder survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
}

async function writeNew(path: string, content: string | Uint8Array): Promise<void> {
  await using file = await open(path, "wx", PRIVATE);
  await file.writeFile(content);
  await file.sync();
}

/**
 * A hidden name in the same folder, and so on the same file system. Each write has one of its own, as two processes may write one
 * file at once. The name tells the maker, so that the rest of a killed process is known for that.
 */
export function temporaryBeside(path: string): string {
  const digits = randomUUID().slice(0, 8);
  return join(dirname(path), nameTemporary(basename(path), { pid: process.pid, digits }));
}

/**
 * Removes the temporary files in a folder whose makers have ended. `evenOfLiving`, for the one process that may write
 * there: also those of an owner that was stopped, whose rename then fails. Files that can't be removed stay.
 */
export function sweepTemporaries(folder: string, { evenOfLiving = false } = {}): void {
  for (const name of listNames(folder)) {
    const maker = makerOfTemporary(name);
    if (maker === null || (!evenOfLiving && isLiving(maker))) continue;
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {}
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A pid that was given out again only keeps the file until the next look. */
function isLiving(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
