import type { DatabaseSync } from "node:sqlite";
import { RegistryError } from "../../core/error/registry-error.ts";
import { assertOwnSchema } from "./check-schema.ts";
import { readMigrations, readSchema } from "./migrations.ts";

/** "RwvR": tells a registry from any other SQLite file. */
const APPLICATION_ID = 0x52777652;

/**
 * Brings the tables up to date, once however many processes try at the same time.
 * Throws RegistryError if the file is no registry, or was made by a newer version.
 */
export function migrate(database: DatabaseSync, path: string): void {
  const version = checkVersion(database, path);
  if (!isEmpty(database)) assertOwnSchema(database, path, listStatements(version));
  if (version === readSchema().version) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have been faster.
    const version = checkVersion(database, path);
    if (isEmpty(database)) database.exec(readSchema().sql);
    else for (const { number, sql } of readMigrations()) if (number > version) database.exec(sql);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${readSchema().version}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/**
 * Checks the version of the tables for a reader, which can't bring them up to date. Throws RegistryError like
 * `migrate`.
 */
export function assertMigrated(database: DatabaseSync, path: string): void {
  const version = checkVersion(database, path);
  if (version === 0 && isEmpty(database)) throw emptied(path);
  assertOwnSchema(database, path, listStatements(version));
  if (version === readSchema().version) return;
  throw new RegistryError(
    "registry-unusable",
    `the registry ${path} has the tables of an older runweave, and is opened for reading only`,
    "open it once for writing, with any command that runs something",
  );
}

/** The statements that make the tables of a version. */
function listStatements(version: number): string[] {
  if (version === readSchema().version) return [readSchema().sql];
  return readMigrations().flatMap(({ number, sql }) => (number <= version ? [sql] : []));
}

function checkVersion(database: DatabaseSync, path: string): number {
  const version = readPragma(database, "user_version");
  if (readPragma(database, "application_id") !== APPLICATION_ID && !isEmpty(database)) throw notOurs(path);
  if (version > readSchema().version) throw madeByNewer(path, version);
  return version;
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
}

function readPragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function emptied(path: string): RegistryError {
  return new RegistryError(
    "registry-unusable",
    `the registry ${path} is empty: it has no tables`,
    "put a backup in its place, or remove it to begin a new one; in both cases without the files -wal and -shm beside it",
  );
}

function notOurs(path: string): RegistryError {
  return new RegistryError(
    "registry-unusable",
    `${path} is a database, but not a runweave registry`,
    "choose another file with --registry",
  );
}

function madeByNewer(path: string, version: number): RegistryError {
  return new RegistryError(
    "registry-newer",
    `the registry ${path} was made by a newer runweave: its tables are of version ${version}, this one knows ${readSchema().version}`,
    "update runweave, or choose another registry with --registry",
  );
}
