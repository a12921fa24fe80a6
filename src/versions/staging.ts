import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UnsafePathError } from "./layout.ts";

/** Bytes of a name that leave room for the rest within the 255 of a file system. */
const MAX_NAME_BYTES = 120;
const MARK = ".runweave-";
/** The id of a session, with more behind it if its caller likes. Narrow, so that no file of a user is taken for one of ours. */
const STAGING = /^\..+\.runweave-\d{4}-\d{2}-\d{2}T\d{2}\.\d{2}\.\d{2}\.\d{3}Z-[0-9a-f]{12,}[0-9A-Za-z.-]*$/;

/**
 * Where the copy of what is to appear at `target` is made: beside it, so that a rename puts it there, under a name that the
 * next try knows. `owner` begins with the id of the session. Throws UnsafePathError for another owner.
 */
export function stagingBeside(target: string, owner: string): string {
  const name = `${stagingPrefix(target)}${owner}`;
  if (!isStaging(name)) throw new UnsafePathError(`${JSON.stringify(owner)} begins with no id of a session`);
  return join(dirname(target), name);
}

/** Whether a file or folder of this name is a copy of ours that is not whole yet, or was cut off: no data, wherever it lies. */
export function isStaging(name: string): boolean {
  return name.includes(MARK) && STAGING.test(name);
}

/**
 * Removes every copy that was begun for `target`, by any session: beside it, and in it where it is a mount point. Only for the
 * one process that may write to `target` now.
 */
export async function removeStagings(target: string): Promise<void> {
  const prefix = stagingPrefix(target);
  for (const folder of [dirname(target), target]) {
    const names = await readdir(folder).catch(() => []);
    const ours = names.filter((name) => name.startsWith(prefix) && isStaging(name));
    await Promise.all(ours.map((name) => rm(join(folder, name), { recursive: true, force: true })));
  }
}

function stagingPrefix(target: string): string {
  const name = basename(target);
  const isShort = Buffer.byteLength(name) <= MAX_NAME_BYTES;
  return `.${isShort ? name : createHash("sha256").update(name).digest("hex").slice(0, 32)}${MARK}`;
}
