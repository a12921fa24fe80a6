import { readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { RegistryError } from "../../core/error/registry-error.ts";
import { explainingErrors } from "./error.ts";
import { indexPath, logPath } from "./write-lock.ts";

/** SQLite's codes for a database whose pages do not fit together, or are none (sqlite.org/rescode.html). */
const DAMAGED = [11, 26];

/**
 * Refuses a registry whose log was left by another file at its path: SQLite would take the log's pages into it at the
 * next opening, and damage it. A registry that was put back after a kill -9 is such a one. The database is read only if
 * the file was changed after a log that no process has open; it is never written.
 */
export function assertOwnLog(path: string): void {
  if (!isSuspicious(path) || isIntact(path)) return;
  throw new RegistryError(
    "registry-corrupt",
    `the registry ${path} was put back while the log of another one lies beside it, ${logPath(path)}: together they are damaged`,
    `move ${logPath(path)} and ${indexPath(path)} away, and try again; \`runweave doctor\` then says if the file that was put back is whole`,
  );
}

function isSuspicious(path: string): boolean {
  const [file, log] = [path, logPath(path)].map((each) => statSync(each, { bigint: true, throwIfNoEntry: false }));
  if (file === undefined || log === undefined || log.size === 0n) return false;
  // SQLite changes the inode of a log that it only opens; when it was last written stays.
  if (file.ctimeNs < log.mtimeNs) return false;
  return !isOpenSomewhere(path);
}

/** Every process with an open registry keeps a lock on the index of its log; /proc/locks has it: `... 08:01:131090 128 128`. */
function isOpenSomewhere(path: string): boolean {
  const inode = statSync(indexPath(path), { throwIfNoEntry: false })?.ino;
  try {
    return inode !== undefined && readFileSync("/proc/locks", "utf8").includes(`:${inode} `);
  } catch {
    return true;
  }
}

/** Tells whether the file and its log fit together. The connection only reads, so that closing it changes no page. */
function isIntact(path: string): boolean {
  try {
    return readDamage(path) === null;
  } catch (error) {
    return !(error instanceof Error && "errcode" in error && DAMAGED.includes(Number(error.errcode) & 0xff));
  }
}

/**
 * The first thing that is wrong with a registry's pages, or the end of its events; null if it is whole. Reads all of it.
 * Throws RegistryError if it can't be read.
 */
export function findDamage(path: string): string | null {
  return explainingErrors(path, () => readDamage(path));
}

function readDamage(path: string): string | null {
  using database = new DatabaseSync(path, { readOnly: true });
  const told = String(database.prepare("PRAGMA quick_check(1)").get()?.quick_check);
  if (told !== "ok") return told;
  const isSealed = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'chain_head'").get() !== undefined;
  if (!isSealed) return null;
  const ends = database.prepare("SELECT seq AS head, (SELECT MAX(seq) FROM events) AS last FROM chain_head").get();
  if (ends === undefined || ends.last === ends.head) return null;
  return `its events end with ${ends.last}, and the last that was written is ${ends.head}`;
}
