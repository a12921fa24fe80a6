import { readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { RegistryError } from "../../core/error/registry-error.ts";
import { type ChainHead, hashLink, type LoggedEvent } from "../chain.ts";
import { explainingErrors } from "./error.ts";
import { indexPath, logPath } from "./write-lock.ts";

/** SQLite's codes for a database whose pages do not fit together, or are none (sqlite.org/rescode.html). */
const DAMAGED = [11, 26];

/**
 * Refuses a registry beside which another one's log lies: SQLite would take the log's pages into it at the next opening, and
 * damage it. Either was put there: a backup after a kill -9, or a log. Both are only read for that, and only if the log has
 * content and no process has it open.
 */
export function assertOwnLog(path: string): void {
  const [file, log] = [path, logPath(path)].map((each) => statSync(each, { bigint: true, throwIfNoEntry: false }));
  if (file === undefined || log === undefined || log.size === 0n || isOpenSomewhere(path)) return;
  // SQLite changes the inode of a log that it only opens; when it was last written stays.
  const isFileNewer = file.ctimeNs >= log.mtimeNs;
  if (isOf(path) && !(isFileNewer && !isIntact(path))) return;
  throw new RegistryError(
    "registry-corrupt",
    `the log beside the registry ${path}, ${logPath(path)}, is of another one, as one of the two was put back or copied there: together they are damaged`,
    `move ${logPath(path)} and ${indexPath(path)} away, and try again; \`runweave doctor\` then says if the file that was put back is whole`,
  );
}

/** Tells whether the log goes on where the file ends: the file's last event is in both, and each later one names the one before, up to the head. */
function isOf(path: string): boolean {
  const last = readLastAlone(path);
  if (last === null) return true;
  return ask(() => {
    using database = new DatabaseSync(path, { readOnly: true });
    const rows = database.prepare("SELECT * FROM events WHERE seq >= ? ORDER BY seq").all(last.seq);
    const [first, ...later] = rows as unknown as (LoggedEvent & ChainHead)[];
    const head = database.prepare("SELECT seq, hash FROM chain_head").get();
    const end = later.at(-1) ?? first;
    if (first?.hash !== last.hash || head?.seq !== end?.seq || head?.hash !== end?.hash) return false;
    return later.every((event, index) => event.hash === hashLink(event, (later[index - 1] ?? first).hash));
  });
}

/**
 * The last event of the file without its log; null if there is none, or the file can't be read so: a process may have been killed
 * while it wrote the log's pages there. What it has of them is of this log all the same, as events never change.
 */
function readLastAlone(path: string): ChainHead | null {
  try {
    const location = pathToFileURL(path);
    location.search = "immutable=1";
    using database = new DatabaseSync(location, { readOnly: true });
    const sql = "SELECT seq, hash FROM events WHERE hash IS NOT NULL ORDER BY seq DESC LIMIT 1";
    return (database.prepare(sql).get() as ChainHead | undefined) ?? null;
  } catch {
    return null;
  }
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
  return ask(() => readDamage(path) === null);
}

/** Returns false if SQLite finds damage; true if it can't be asked: opening says why then. */
function ask(look: () => boolean): boolean {
  try {
    return look();
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
