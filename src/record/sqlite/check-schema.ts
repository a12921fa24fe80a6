import { DatabaseSync } from "node:sqlite";
import { RegistryError } from "../../core/error/registry-error.ts";

/** A row of `sqlite_schema`: https://www.sqlite.org/schematab.html */
interface SchemaObject {
  type: string;
  name: string;
  tbl_name: string;
  sql: string | null;
}

/** Made by SQLite's own ANALYZE; what is in them can only make a question slower. */
const STATISTICS: ReadonlySet<string | null> = new Set([
  "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
  "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
]);

/** Schemas by the statements that make them. A process may open many registries. */
const made = new Map<string, ReadonlyMap<string, SchemaObject>>();

/**
 * Refuses a registry whose tables, indexes and triggers are not exactly those that `statements` make: a view, a trigger
 * or a virtual table could change every question and record, and a table without its rules would take any row. Throws
 * RegistryError.
 */
export function assertOwnSchema(database: DatabaseSync, path: string, statements: readonly string[]): void {
  const wanted = findMade(statements);
  const found = listSchema(database);
  for (const [name, object] of found) {
    if (object.type === "table" && STATISTICS.has(object.sql)) continue;
    if (!isEqual(object, wanted.get(name)))
      throw changed(path, `holds a ${nameKind(object)} "${name}" that runweave did not make`);
  }
  const missing = [...wanted.values()].find(({ name }) => !found.has(name));
  if (missing !== undefined) throw changed(path, `has lost its ${missing.type} "${missing.name}"`);
}

function findMade(statements: readonly string[]): ReadonlyMap<string, SchemaObject> {
  const key = statements.join("\n");
  const known = made.get(key);
  if (known !== undefined) return known;
  const database = new DatabaseSync(":memory:");
  try {
    for (const sql of statements) database.exec(sql);
    const schema = listSchema(database);
    made.set(key, schema);
    return schema;
  } finally {
    database.close();
  }
}

function listSchema(database: DatabaseSync): Map<string, SchemaObject> {
  const rows = database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema").all();
  return new Map((rows as unknown as SchemaObject[]).map((object) => [object.name, object]));
}

function isEqual({ type, tbl_name, sql }: SchemaObject, other: SchemaObject | undefined): boolean {
  return type === other?.type && tbl_name === other.tbl_name && sql === other.sql;
}

function nameKind({ type, sql }: SchemaObject): string {
  return type === "table" && /^\s*CREATE\s+VIRTUAL/i.test(sql ?? "") ? "virtual table" : type;
}

function changed(path: string, what: string): RegistryError {
  const hint = "move it aside, or put a backup in its place; data that runs have saved are not affected";
  return new RegistryError("registry-corrupt", `the registry ${path} ${what}`, hint);
}
