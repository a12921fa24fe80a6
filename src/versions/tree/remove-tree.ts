import { randomUUID } from "node:crypto";
import { lstatSync } from "node:fs";
import { chmod, lstat, readdir, rename, rm, rmdir, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { isSystemError, type SystemError } from "../../core/error/system-error.ts";

const OWNER_ALL = 0o700;
const SLASH = Buffer.from("/");

/** Something that was to be removed stays: another user's, protected, or in use. */
export class RemovalError extends Error {
  readonly path: string;

  constructor(path: string, error: SystemError) {
    super(`${path} can't be removed: ${describeReason(path, error)}`, { cause: error });
    this.name = "RemovalError";
    this.path = path;
  }
}

/**
 * Removes a file or a folder of runweave's own with all its content; a missing one is no error. Opens the folders in it
 * that are closed to their owner, as those of a module cache are, and shortens paths that are too long for the system.
 * Follows no link, and changes no file outside. Throws RemovalError for the first entry that stays, once all the rest
 * is gone.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    return await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
  const top = Buffer.from(path);
  const removal: Removal = { top, lifted: false, fault: null };
  do {
    Object.assign(removal, { lifted: false, fault: null });
    await removeEntry(top, removal).catch((error) => noteFault(removal, top, error));
  } while (removal.lifted);
  if (removal.fault !== null) throw removal.fault;
}

/** Paths are bytes, since a name need not be text. */
interface Removal {
  top: Buffer;
  /** True if a folder was moved up, to be removed on the next way through. */
  lifted: boolean;
  fault: RemovalError | null;
}

/** Throws what `lstat` says of the path itself; every other fault is noted. */
async function removeEntry(path: Buffer, removal: Removal): Promise<void> {
  const found = await lstat(path).catch(nullIfMissing);
  if (found === null) return;
  try {
    if (!found.isDirectory()) return await unlink(path);
    // The next step fails if the folder can't be opened, and tells it.
    if ((found.mode & OWNER_ALL) !== OWNER_ALL) await chmod(path, found.mode | OWNER_ALL).catch(() => {});
    if (await emptyFolder(path, removal)) await rmdir(path);
  } catch (error) {
    noteFault(removal, path, error);
  }
}

/** False if something stays in the folder, or the folder itself has gone elsewhere. */
async function emptyFolder(path: Buffer, removal: Removal): Promise<boolean> {
  const before = removal.fault;
  for (const name of await readdir(path, { encoding: "buffer" })) {
    try {
      await removeEntry(Buffer.concat([path, SLASH, name]), removal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENAMETOOLONG") throw error;
      await lift(path, removal, error);
      return false;
    }
  }
  return removal.fault === before;
}

/** Moves a folder right below the top, where the paths in it are shorter. Throws `error` if they would not be. */
async function lift(path: Buffer, removal: Removal, error: unknown): Promise<void> {
  const place = Buffer.concat([removal.top, SLASH, Buffer.from(randomUUID())]);
  if (place.length >= path.length) throw error;
  await rename(path, place);
  removal.lifted = true;
}

function noteFault(removal: Removal, path: Buffer, error: unknown): void {
  if (!isSystemError(error)) throw error;
  // Another process was faster.
  if (error.code === "ENOENT") return;
  removal.fault ??= new RemovalError(path.toString(), error);
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}

function describeReason(path: string, { code = "" }: SystemError): string {
  switch (code) {
    case "EACCES":
    case "EPERM":
      return describeOwner(path) ?? `the system forbids it, for example because it is immutable (${code})`;
    case "EROFS":
      return "its disk can't be written to";
    case "EBUSY":
      return "it is in use, as a place where a disk is mounted is";
    case "ENOTEMPTY":
      return "something was put there meanwhile";
    default:
      return code;
  }
}

/** Names the user whom the path, or the folder that it is in, belongs to; null if that is this user, or doesn't matter. */
function describeOwner(path: string): string | null {
  const us = process.geteuid?.();
  if (us === 0) return null;
  for (const each of [dirname(path), path]) {
    const owner = ownerOf(each);
    if (owner !== null && owner !== us) return `${each} belongs to user ${owner}`;
  }
  return null;
}

function ownerOf(path: string): number | null {
  try {
    return lstatSync(path).uid;
  } catch {
    return null;
  }
}
