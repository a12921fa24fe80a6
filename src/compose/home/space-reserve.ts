import { randomBytes } from "node:crypto";
import { appendFileSync, closeSync, constants, fstatSync, ftruncateSync, openSync, statfsSync } from "node:fs";
import { join } from "node:path";

const FILE = "space-reserve";
const RESERVE_BYTES = 2 << 20;
/** Free bytes below which the disk's space is for the runs. */
const AMPLE_BYTES = 16 << 20;

/**
 * Bytes of the reserve that an act leaves alone. `gc` frees no space by itself, so room is left for `trash empty`,
 * which does.
 */
const LEFT_ALONE = { gc: RESERVE_BYTES / 2, "trash empty": 0 } as const;

/** An act for which room is kept. */
export type ReservedAct = keyof typeof LEFT_ALONE;

/** Keeps room on the disk of a state folder for the commands that free space, unless there is little. A fault means no more than that there is none. */
export function keepReserve(root: string): void {
  ignoring(() => {
    if (freeBytes(root) < AMPLE_BYTES) return;
    changeReserve(root, (fd, size) => fill(fd, RESERVE_BYTES - size));
  });
}

/**
 * Does an act with the room that is kept for it: on a full disk an act can't be recorded, and without a record no data
 * are deleted. Afterwards the reserve takes the room that is left. A kill in between leaves that room free, for the
 * same command to be called again.
 */
export async function withReserve<T>(root: string, act: ReservedAct, work: () => Promise<T>): Promise<T> {
  ignoring(() => {
    changeReserve(root, (fd, size) => {
      if (size > LEFT_ALONE[act]) ftruncateSync(fd, LEFT_ALONE[act]);
    });
  });
  try {
    return await work();
  } finally {
    ignoring(() => changeReserve(root, (fd, size) => fill(fd, Math.min(RESERVE_BYTES - size, freeBytes(root)))));
  }
}

/** Opened by its own name alone: through a link, a file of the user would be filled or cut, and a pipe would be waited for. */
function changeReserve(root: string, change: (fd: number, size: number) => void): void {
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(join(root, FILE), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const found = fstatSync(fd);
    if (found.isFile() && found.nlink === 1) change(fd, found.size);
  } finally {
    closeSync(fd);
  }
}

/** Appends bytes: on a disk that fills up meanwhile, the file keeps what there was room for. They are random, as some disks compress. */
function fill(fd: number, bytes: number): void {
  if (bytes > 0) appendFileSync(fd, randomBytes(bytes));
}

/** A folder that can't be written to is told of by what is to be written. */
function ignoring(work: () => void): void {
  try {
    work();
  } catch {}
}

function freeBytes(root: string): number {
  const { bavail, bsize } = statfsSync(root);
  return bavail * bsize;
}
