import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { RegistryError } from "../core/registry-error.ts";
import { assertPlainSchema } from "./check-schema.ts";

/** "RwvR": tells a registry from any other SQLite file. */
const APPLICATION_ID = 0x52777652;

/** In the sources and in the bundle alike, the folder beside this file. */
const FOLDER = new URL("./migrations/", import.meta.url);
const NUMBERED = /^(\d{3})\.sql$/;

interface Migration {
  number: number;
  sql: string;
}

/**
 * Brings the tables up to date, once however many processes try at the same time.
 * Throws RegistryError if the file is no registry, or was made by a newer version.
 */
export function migrate(database: DatabaseSync, path: string): void {
  const migrations = readMigrations();
  const latest = migrations.at(-1)?.number ?? 0;
  const made = migrations.map(({ sql }) => sql);
  const version = checkVersion(database, path, latest);
  assertPlainSchema(database, path, made);
  if (version === latest) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = checkVersion(database, path, latest);
    for (const { number, sql } of migrations) if (number > version) database.exec(sql);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${latest}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** For a reader, which can't bring the tables up to date. Throws RegistryError as `migrate` does. */
export function assertMigrated(database: DatabaseSync, path: string): void {
  const migrations = readMigrations();
  const latest = migrations.at(-1)?.number ?? 0;
  const version = checkVersion(database, path, latest);
  const made = migrations.map(({ sql }) => sql);
  assertPlainSchema(database, path, made);
  if (version === latest) return;
  throw new RegistryError(
    "registry-unusable",
    `the registry ${path} has the tables of an older runweave, and is opened for reading only`,
    "open it once for writing, with any command that runs something",
  );
}

function checkVersion(database: DatabaseSync, path: string, latest: number): number {
  const version = readPragma(database, "user_version");
  const isEmpty = database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
  if (readPragma(database, "application_id") !== APPLICATION_ID && !isEmpty) throw notOurs(path);
  if (version > latest) throw madeByNewer(path, version, latest);
  return version;
}

function readPragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** Read once: a process may open many registries. */
let known: readonly Migration[] | undefined;

function readMigrations(): readonly Migration[] {
  known ??= readdirSync(FOLDER)
    .sort()
    .flatMap((name) => {
      const number = NUMBERED.exec(name)?.[1];
      return number === undefined ? [] : [{ number: Number(number), sql: readFileSync(new URL(name, FOLDER), "utf8") }];
    });
  return known;
}

function notOurs(path: string): RegistryError {
  return new RegistryError(
    "registry-unusable",
    `${path} is a database, but not a runweave registry`,
    "choose another file with --registry",
  );
}

function madeByNewer(path: string, version: number, latest: number): RegistryError {
  return new RegistryError(
    "registry-newer",
    `the registry ${path} was made by a newer runweave: its tables are of version ${version}, this one knows ${latest}`,
    "update runweave, or choose another registry with --registry",
  );
}
