import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createWhole } from "./claim.ts";
import { checkProcess, identifyProcess, parseIdentity } from "./identity.ts";

const POLL_MS = 50;
const RELEASED = "released\n";

/** Those who wait for a path within this process, in order: the last of them. */
const queues = new Map<string, Promise<void>>();

export interface LockRequest {
  /** Where the lock files of all processes that share the paths are kept. */
  folder: string;
  /** Absolute, symlinks resolved. */
  paths: readonly string[];
  /** Gives up waiting. */
  signal: AbortSignal;
}

/**
 * Waits until no other holder, in this process or another, has one of the paths; returns what gives them back. The lock of
 * a process that died is void. Throws the signal's reason if it fires first.
 */
export async function lockPaths(request: LockRequest): Promise<() => void> {
  const releases: (() => void)[] = [];
  const releaseAll = () => {
    for (const release of releases.splice(0).reverse()) release();
  };
  try {
    // One order for everybody, so that two runs never wait for each other.
    for (const path of [...new Set(request.paths)].sort()) {
      releases.push(await queueHere(path, request.signal));
      releases.push(await lockFile(lockFolder(request.folder, path), request));
    }
    return releaseAll;
  } catch (error) {
    releaseAll();
    throw error;
  }
}

async function queueHere(path: string, signal: AbortSignal): Promise<() => void> {
  signal.throwIfAborted();
  const before = queues.get(path) ?? Promise.resolve();
  const turn = Promise.withResolvers<void>();
  const last = before.then(() => turn.promise);
  queues.set(path, last);
  void last.then(() => queues.get(path) === last && queues.delete(path));
  try {
    await Promise.race([before, rejectOn(signal)]);
    signal.throwIfAborted();
  } catch (error) {
    turn.resolve();
    throw error;
  }
  return turn.resolve;
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

function lockFolder(folder: string, path: string): string {
  return join(folder, createHash("sha256").update(path).digest("hex").slice(0, 32));
}

/**
 * A lock is a folder of numbered files, of which the highest counts. Who finds it released, or its owner gone, creates the
 * next number, which O_EXCL allows one process alone; deleting a dead owner's file instead would race with its successor.
 */
async function lockFile(folder: string, { signal }: LockRequest): Promise<() => void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const owner = `${JSON.stringify(identifyProcess(process.pid))}\n`;
  while (true) {
    const top = highest(folder);
    const mine = join(folder, String(top + 1));
    if ((top === 0 || isFree(join(folder, String(top)))) && createWhole(mine, owner)) {
      if (highest(folder) === top + 1) {
        rmSync(join(folder, String(top)), { force: true });
        return () => writeFileSync(mine, RELEASED);
      }
      // Others went on to a higher number between our look and our file.
      rmSync(mine, { force: true });
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

function highest(folder: string): number {
  return Math.max(
    0,
    ...readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number),
  );
}

function isFree(path: string): boolean {
  try {
    const content = readFileSync(path, "utf8");
    if (content === RELEASED) return true;
    const owner = parseIdentity(JSON.parse(content));
    return owner !== null && checkProcess(owner) === "gone";
  } catch {
    return false;
  }
}
