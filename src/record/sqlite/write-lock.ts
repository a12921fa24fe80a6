import { accessSync, constants } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { explainingErrors } from "./error.ts";
import { isBusy, waitWhileBusy } from "./wait-while-busy.ts";

/** Byte of the log's index that SQLite locks for a writer: WAL_WRITE_LOCK (wal.c) behind UNIX_SHM_BASE (os_unix.c). */
export const WRITE_LOCK_BYTE = 120;

/** The file that SQLite writes changes to before they are in the registry's own. */
export function logPath(registry: string): string {
  return `${registry}-wal`;
}

export function indexPath(registry: string): string {
  return `${registry}-shm`;
}

/**
 * True if another process keeps all others from writing to a registry for as long as `patienceMs`. It does not write.
 * False for a registry that this user can't write to anyway. Throws RegistryError if it can't be asked.
 */
export function isWriteLocked(path: string, patienceMs: number): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch {
    return false;
  }
  return explainingErrors(path, () => isBusyFor(path, patienceMs));
}

function isBusyFor(path: string, patienceMs: number): boolean {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    waitWhileBusy(() => database.exec("BEGIN IMMEDIATE; ROLLBACK"), { patienceMs });
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    database.close();
  }
}
