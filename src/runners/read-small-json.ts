import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** Reads JSON that user code wrote, of at most `maxBytes`. Follows no symlink, waits for no pipe. Throws if it can't be read. */
export function readSmallJson(path: string, maxBytes: number): unknown {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw new Error("it is not a regular file");
    if (found.size > maxBytes) throw new Error(`it has ${found.size} bytes; ${maxBytes} are allowed`);
    return JSON.parse(readFileSync(fd, "utf8"));
  } finally {
    closeSync(fd);
  }
}
