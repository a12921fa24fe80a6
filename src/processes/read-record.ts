import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** More than any record of an attempt has. */
const MAX_BYTES = 256 << 20;

/**
 * The text of a file in an attempt's folder, where user code may put what it likes: no symlink is followed, no pipe waited for.
 * Null if it is not there. Throws if it is no plain file, absurdly large, or can't be read.
 */
export function readRecord(path: string): string | null {
  const fd = openRecord(path);
  if (fd === null) return null;
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw new Error(`${path} is no plain file`);
    if (found.size > MAX_BYTES) throw new Error(`${path} has ${found.size} bytes`);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

/** What is in such a file as JSON; undefined if it is not there, or nothing that can be read. */
export function readJsonRecord(path: string): unknown {
  try {
    return JSON.parse(readRecord(path) ?? "");
  } catch {
    return undefined;
  }
}

function openRecord(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
