import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const RETRY_MS = 250;
const SQLITE_BUSY = 5;

/**
 * Waits until no other process holds the lock of `folder`, and takes it. The lock lives in `<folder>-lock`.
 *
 * It is a lock of the kernel, held through SQLite since Node has no flock: it ends with its process however that
 * dies, so that there is no stale lock to judge.
 *
 * @param onWait called once if another process holds it
 */
export async function lockFolder(folder: string, onWait: () => void): Promise<Disposable> {
  const lockFolderPath = `${folder}-lock`;
  mkdirSync(lockFolderPath, { recursive: true });
  const database = new DatabaseSync(path.join(lockFolderPath, "lock.db"), { timeout: 0 });
  for (let tries = 0; !takeLock(database); tries += 1) {
    if (tries === 0) onWait();
    await sleep(RETRY_MS);
  }
  return { [Symbol.dispose]: () => database.close() };
}

function takeLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
