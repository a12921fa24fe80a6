import { randomUUID } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { RegistryError } from "../../core/error/registry-error.ts";
import { assertOwnLog } from "./left-log.ts";
import { assertMigrated, migrate } from "./migrate.ts";
import { readSchema } from "./migrations.ts";
import { assertLocal } from "./network-file-system.ts";
import { refuseLinked } from "./single-name.ts";
import { assertSqliteVersion } from "./version.ts";
import { indexPath, logPath } from "./write-lock.ts";

/** Longest wait of a statement for another process, in milliseconds; the beginning of a write waits longer. */
export const TIMEOUT_MS = 5000;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Opens or makes the registry's file for writing. */
export function openForWriting(path: string): DatabaseSync {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
  assertLocal(folder);
  assertFile(path);
  if (!existsSync(path)) makeDatabase(path);
  refuseLinked(path);
  accessSync(path, constants.R_OK | constants.W_OK);
  accessSync(folder, constants.R_OK | constants.W_OK);
  assertOwnLog(path);
  return openMigrated(path);
}

/** Opens the registry's file for reading. A file that can't have companions, as on a read-only disk, is read by itself. */
export function openForReading(path: string): DatabaseSync {
  return withReadable(path, (location) => openReadOnly(location, path));
}

/**
 * Opens a database with the tables of a new registry, and the registry's file attached to it for reading only, as `recorded`.
 * It is the file `target`, which must not exist. Without `target` it is a temporary file of SQLite's own, which grows on the
 * disk and not in memory, and it has neither a log nor indexes.
 */
export function openBeside(path: string, target: string | null = null): DatabaseSync {
  return withReadable(path, (location) => {
    openReadOnly(location, path).close();
    if (target !== null) closeSync(openSync(target, "wx", PRIVATE_FILE));
    // A single session may have rows whose attempts are another session's.
    const options = { timeout: TIMEOUT_MS, defensive: true, enableForeignKeyConstraints: target !== null };
    const database = new DatabaseSync(target ?? "", options);
    try {
      if (target !== null) migrate(database, target);
      else makeTemporary(database);
      database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
      database.prepare("ATTACH ? AS recorded").run(location.href);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * Makes the tables that a replay fills, without the indexes that it does not need. The log is found by its name alone, as only
 * the registry has one.
 */
function makeTemporary(database: DatabaseSync): void {
  database.exec(readSchema().sql);
  for (const table of ["events", "chain_head"]) database.exec(`DROP TABLE ${table}`);
  const indexes = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").all();
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
  database.exec("PRAGMA cache_size = -65536");
}

/** Opens a file that is only read. `open` gets a URL for SQLite, once more if the disk takes no companions of the file. */
function withReadable<T>(path: string, open: (location: URL) => T): T {
  assertFile(path);
  assertExists(path);
  assertLocal(dirname(path));
  assertOwnLog(path);
  const location = pathToFileURL(path);
  try {
    location.search = "mode=ro";
    return open(location);
  } catch (error) {
    if (!isRefusedByDisk(error) || mayBeWritten(path)) throw error;
    // The index of the log can't be made here, and no process has the file open: `immutable` does without.
    location.search = "immutable=1";
    return open(location);
  }
}

/** Makes the file under another name and links it, so that no process ever sees it without its tables. */
function makeDatabase(path: string): void {
  const draft = `${path}.${randomUUID()}`;
  closeSync(openSync(draft, "ax", PRIVATE_FILE));
  try {
    const database = openMigrated(draft);
    try {
      // Closing does the same, but keeps to itself that the disk was full: then the tables would stay in the draft's log.
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      database.close();
    }
    linkOrLeave(draft, path);
  } finally {
    for (const ending of ["", "-wal", "-shm"]) rmSync(draft + ending, { force: true });
  }
  syncFolder(dirname(path));
}

function linkOrLeave(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch {
    // Another process was faster; or the file system knows no links, and an empty file gets its tables when opened.
    if (!existsSync(path)) closeSync(openSync(path, "ax", PRIVATE_FILE));
  }
}

function openMigrated(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: TIMEOUT_MS, defensive: true });
  try {
    assertSqliteVersion(readSqliteVersion(database));
    database.exec("PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
    useWriteAheadLog(database);
    migrate(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openReadOnly(location: URL, path: string): DatabaseSync {
  const database = new DatabaseSync(location, { timeout: TIMEOUT_MS, defensive: true, readOnly: true });
  try {
    assertSqliteVersion(readSqliteVersion(database));
    database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
    assertMigrated(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function readSqliteVersion(database: DatabaseSync): string {
  return String(database.prepare("SELECT sqlite_version() AS version").get()?.version);
}

/** The mode stays with the file, and changing it does not wait for a lock: so it is changed only once. */
function useWriteAheadLog(database: DatabaseSync): void {
  const mode = database.prepare("PRAGMA journal_mode").get()?.journal_mode;
  if (mode !== "wal") database.exec("PRAGMA journal_mode = WAL");
}

/** Refuses a pipe, a device or a folder in the place of the registry: opening a pipe would wait for ever. */
function assertFile(path: string): void {
  refuseDeadLink(path);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() ?? true) return;
  throw new RegistryError(
    "registry-unusable",
    `${path} is not a file`,
    "move it away, and put a backup of the registry in its place",
  );
}

/** Throws RegistryError for a link that leads nowhere, or to itself: no registry can be read there or made. */
export function refuseDeadLink(path: string): void {
  if (existsSync(path) || lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw new RegistryError(
    "registry-unusable",
    `the registry ${path} is a link to ${readlinkSync(path)}, which leads to no file`,
    "make it lead to the registry again, or remove the link to begin a new one",
  );
}

function assertExists(path: string): void {
  if (existsSync(path)) return;
  throw new RegistryError(
    "registry-unusable",
    `there is no registry at ${path}`,
    "run a workflow first, or say where its registry is with --registry",
  );
}

/** SQLITE_READONLY or SQLITE_CANTOPEN. */
function isRefusedByDisk(error: unknown): boolean {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  return code === 8 || code === 14;
}

/** True if there is a log with content, or an index of the log, which exists while a process has the file open. */
function mayBeWritten(path: string): boolean {
  const logBytes = statSync(logPath(path), { throwIfNoEntry: false })?.size ?? 0;
  return logBytes > 0 || existsSync(indexPath(path));
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
