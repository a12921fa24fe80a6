import { readdirSync, readFileSync } from "node:fs";

/** Folder beside this file, in the sources and in the bundle alike. */
const FOLDER = new URL("./migrations/", import.meta.url);
const NUMBERED = /^(\d{3})\.sql$/;

/** The tables as all migrations leave them. */
export const SCHEMA_FILE = new URL("schema.sql", FOLDER);
const VERSION = /^-- Version (\d+),/;

export interface Migration {
  number: number;
  sql: string;
}

/** Statements that make a new registry, and the number of the last migration in them. */
export interface Schema {
  version: number;
  sql: string;
}

// Read once: a process may open many registries.
let schema: Schema | undefined;
let known: readonly Migration[] | undefined;

export function readSchema(): Schema {
  if (schema !== undefined) return schema;
  const sql = readFileSync(SCHEMA_FILE, "utf8");
  schema = { version: Number(VERSION.exec(sql)?.[1]), sql };
  return schema;
}

/** All of them, the first one first. */
export function readMigrations(): readonly Migration[] {
  known ??= readdirSync(FOLDER)
    .sort()
    .flatMap((name) => {
      const number = NUMBERED.exec(name)?.[1];
      return number === undefined ? [] : [{ number: Number(number), sql: readFileSync(new URL(name, FOLDER), "utf8") }];
    });
  return known;
}
