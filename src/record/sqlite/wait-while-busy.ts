/** Longest wait of a writer for the others, in milliseconds. */
const PATIENCE_MS = 30_000;
/** The same of one who will come again soon anyway. */
export const BRIEF_PATIENCE_MS = 1_000;
const SHORTEST_PAUSE_MS = 0.5;
const LONGEST_PAUSE_MS = 4.5;
/** SQLite's primary result code (sqlite.org/rescode.html); the low byte of an extended one. */
const SQLITE_BUSY = 5;
const PRIMARY_CODE = 0xff;

/** Milliseconds, and a number from 0 to below 1. `pause` blocks the thread. */
export interface Waiting {
  now(): number;
  pause(durationMs: number): void;
  random(): number;
  patienceMs?: number;
}

/**
 * Tries again while another process has the lock, and throws SQLite's own error when it has had it for too long.
 * SQLite's busy handler backs off to 100 ms, while the gap between two transactions of a busy writer is a fraction of one:
 * of six writers without a pause some waited 5 to 11 seconds. Short random pauses bring that to one second.
 */
export function waitWhileBusy<T>(work: () => T, waiting: Partial<Waiting> = {}): T {
  const { now, pause, random, patienceMs = PATIENCE_MS } = { ...BLOCKING, ...waiting };
  const end = now() + patienceMs;
  while (true) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || now() >= end) throw error;
    }
    pause(SHORTEST_PAUSE_MS + random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS));
  }
}

export function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & PRIMARY_CODE) === SQLITE_BUSY;
}

const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const BLOCKING: Waiting = {
  now: () => performance.now(),
  pause: (durationMs) => void Atomics.wait(cell, 0, 0, durationMs),
  random: Math.random,
};
