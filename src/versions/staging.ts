import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makerOfTemporary } from "../core/text/temporary-name.ts";
import { UnsafePathError } from "./layout.ts";
import { removeTree } from "./tree/remove-tree.ts";

/** Bytes of a name that leave room for the rest within the 255 of a file system. */
const MAX_NAME_BYTES = 120;
const MARK = ".runweave-";
const MOVING = "moving";
/** Behind the mark: the id of a session, with more if its caller likes. Narrow, so that no file of a user is taken for one of ours. */
const OWNER = /^(moving|\d{4}-\d{2}-\d{2}T\d{2}\.\d{2}\.\d{2}\.\d{3}Z-[0-9a-f]{12,}[0-9A-Za-z.-]*)$/;

/**
 * The place of the copy that is to appear at `target`: beside it, so that a rename is enough, under a name that the next try
 * knows. `owner` begins with the id of the session. Throws UnsafePathError for another owner.
 */
export function stagingBeside(target: string, owner: string): string {
  const name = `${stagingPrefix(target)}${owner}`;
  if (!isStaging(name)) throw new UnsafePathError(`${JSON.stringify(owner)} begins with no id of a session`);
  return join(dirname(target), name);
}

/** The place of a copy that is moved to `target` from another file system. Each move removes the rest of an earlier one first. */
export function movingBeside(target: string): string {
  return join(dirname(target), `${stagingPrefix(target)}${MOVING}`);
}

/** True of the names of unfinished copies and temporary files of runweave's own: such a file is no data, wherever it lies. */
export function isStaging(name: string): boolean {
  if (makerOfTemporary(name) !== null) return true;
  const at = name.lastIndexOf(MARK);
  return at > 1 && name.startsWith(".") && OWNER.test(name.slice(at + MARK.length));
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
    await Promise.all(ours.map((name) => removeTree(join(folder, name))));
  }
}

/** Removes the unfinished copies of one session's publications from a folder. Only for the one process that may publish there. */
export async function removeStagingsOf(sessionId: string, folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const left = names.filter(
    (name) => isStaging(name) && name.slice(name.lastIndexOf(MARK) + MARK.length).startsWith(sessionId),
  );
  await Promise.all(left.map((name) => removeTree(join(folder, name))));
}

function stagingPrefix(target: string): string {
  const name = basename(target);
  const isShort = Buffer.byteLength(name) <= MAX_NAME_BYTES;
  return `.${isShort ? name : createHash("sha256").update(name).digest("hex").slice(0, 32)}${MARK}`;
}
