import { randomBytes } from "node:crypto";
import { appendFileSync, statfsSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";

const FILE = "space-reserve";
const RESERVE_BYTES = 2 << 20;
/** With less than that on the disk, what is free is for the runs. */
const AMPLE_BYTES = 16 << 20;

/**
 * Bytes of the reserve that an act leaves alone. `gc` frees nothing by itself, so that there is always room left for `trash empty`, which does.
 */
const LEFT_ALONE = { gc: RESERVE_BYTES / 2, "trash empty": 0 } as const;

/** An act for which room is kept. */
export type ReservedAct = keyof typeof LEFT_ALONE;

/** Keeps room on the disk of a state folder for the commands that free space, unless there is little. A fault means no more than that there is none. */
export function keepReserve(root: string): void {
  ignoring(() => {
    const path = join(root, FILE);
    if (sizeOf(path) < RESERVE_BYTES && freeBytes(root) >= AMPLE_BYTES) fill(path, RESERVE_BYTES);
  });
}

/**
 * Does an act with the room that is kept for it: on a full disk nothing can be recorded, and nothing is deleted without that. Afterwards the
 * reserve takes what is left. A kill in between leaves that room free, for the same command to be called again.
 */
export async function withReserve<T>(root: string, act: ReservedAct, work: () => Promise<T>): Promise<T> {
  const path = join(root, FILE);
  ignoring(() => {
    if (sizeOf(path) > LEFT_ALONE[act]) truncateSync(path, LEFT_ALONE[act]);
  });
  try {
    return await work();
  } finally {
    ignoring(() => fill(path, Math.min(RESERVE_BYTES, sizeOf(path) + freeBytes(root))));
  }
}

/** Appends what is missing: on a disk that fills up meanwhile, the file keeps what there was room for. Bytes are random, as some disks compress. */
function fill(path: string, bytes: number): void {
  const missing = bytes - sizeOf(path);
  if (missing > 0) appendFileSync(path, randomBytes(missing), { mode: 0o600 });
}

/** A folder that can't be written to is told of by what is to be written. */
function ignoring(work: () => void): void {
  try {
    work();
  } catch {}
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function freeBytes(root: string): number {
  const { bavail, bsize } = statfsSync(root);
  return bavail * bsize;
}
