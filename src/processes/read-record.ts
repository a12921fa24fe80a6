import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";

/** Size in bytes above that of any record of an attempt. */
const MAX_BYTES = 256 << 20;

/**
 * Opens a file where others may have put what they like, as in a state folder: no symlink is followed, no pipe waited for.
 * Null if it is not there. Throws if it is not a regular file, or can't be opened. The caller closes it.
 */
export function openPlainFile(path: string): number | null {
  const fd = openWithoutWaiting(path);
  if (fd === null || fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new Error(`${path} is not a regular file`);
}

/** The bytes of such a file. Throws also if it is absurdly large. */
export function readPlainFile(path: string): Buffer | null {
  const fd = openPlainFile(path);
  if (fd === null) return null;
  try {
    const { size } = fstatSync(fd);
    if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The text of such a file, in an attempt's folder for example. */
export function readRecord(path: string): string | null {
  return readPlainFile(path)?.toString("utf8") ?? null;
}

/** Reads such a file as JSON; undefined if it does not exist, or can't be parsed. */
export function readJsonRecord(path: string): unknown {
  try {
    return JSON.parse(readRecord(path) ?? "");
  } catch {
    return undefined;
  }
}

function openWithoutWaiting(path: string): number | null {
  // Most records of an attempt are never there, and an error costs much more than a look.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
