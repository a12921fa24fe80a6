import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { RegistryError } from "../../../src/core/error/registry-error.ts";
import { readMigrations } from "../../../src/record/sqlite/migrations.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

/** A registry that these statements have been executed in, by somebody who may write its file. */
function makeChanged(...statements: string[]): string {
  const path = join(makeTemporaryFolder(), "registry.sqlite");
  openSqliteRegistry(path).close();
  const database = new DatabaseSync(path, { defensive: false });
  for (const sql of statements) database.exec(sql);
  database.close();
  return path;
}

function faultOf(path: string, readOnly: boolean): string | null {
  try {
    openSqliteRegistry(path, { readOnly }).close();
    return null;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    expect(error.code).toBe("registry-corrupt");
    return error.message;
  }
}

const HIDDEN_TRIGGER = `
  PRAGMA writable_schema = ON;
  INSERT INTO sqlite_schema VALUES
    ('TRIGGER', 'hidden', 'verdicts', 0, 'CREATE TRIGGER hidden AFTER INSERT ON verdicts BEGIN DELETE FROM verdicts; END');`;

describe("a registry with something in it that runweave did not make is refused, by name", () => {
  test.each([
    ['trigger "undo"', "CREATE TRIGGER undo AFTER INSERT ON verdicts BEGIN DELETE FROM verdicts; END"],
    ['TRIGGER "hidden"', HIDDEN_TRIGGER],
    ['view "all_runs"', "CREATE VIEW all_runs AS SELECT * FROM runs"],
    ['virtual table "search"', "CREATE VIRTUAL TABLE search USING fts5(text)"],
    ['virtual table "search"', "CREATE  /* twice */ VIRTUAL  TABLE search USING fts5(text)"],
    ['table "more"', "CREATE TABLE more (x)"],
    ['index "quick"', "CREATE INDEX quick ON events (session_id)"],
    ['table "runs"', "DROP TABLE runs", "CREATE TABLE runs (run_id TEXT)"],
  ])("%s", (what, ...statements) => {
    const path = makeChanged(...statements);
    for (const readOnly of [true, false])
      expect(faultOf(path, readOnly)).toContain(`holds a ${what} that runweave did not make`);
  });

  test("so is one that has lost something", () => {
    const path = makeChanged("DROP TABLE tags");
    for (const readOnly of [true, false]) expect(faultOf(path, readOnly)).toMatch(/has lost its \w+ "/);
  });
});

test("what SQLite itself adds to speed up questions is no change", () => {
  const path = makeChanged("ANALYZE");
  expect([faultOf(path, true), faultOf(path, false)]).toEqual([null, null]);
});

test("a registry of any older version is compared with the tables of that version, then brought up to date", () => {
  for (const { number } of readMigrations()) {
    const statements = readMigrations().filter((migration) => migration.number <= number);
    for (const change of [null, "CREATE TABLE more (x)"]) {
      const path = join(makeTemporaryFolder(), "registry.sqlite");
      const database = new DatabaseSync(path);
      for (const { sql } of statements) database.exec(sql);
      if (change !== null) database.exec(change);
      database.exec(`PRAGMA application_id = ${0x52777652}; PRAGMA user_version = ${number}`);
      database.close();
      const fault = faultOf(path, false);
      if (change === null) expect(fault).toBeNull();
      else expect(fault).toContain('holds a table "more"');
    }
  }
});
