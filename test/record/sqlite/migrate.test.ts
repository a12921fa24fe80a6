import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { squashMigrations } from "../../../scripts/squash-migrations.ts";
import { migrate } from "../../../src/record/sqlite/migrate.ts";
import { readMigrations, readSchema, SCHEMA_FILE } from "../../../src/record/sqlite/migrations.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { History } from "../../suites/history.ts";
import { makeScratchFolder } from "../scratch.ts";

/** Everything that tells one schema from another, and the number of rows in each table. */
function describe(database: DatabaseSync): unknown {
  const schema = database
    .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
    .all()
    .map((row) => ({ ...row }));
  const tables = schema.filter(({ type }) => type === "table").map(({ name }) => String(name));
  const read = (sql: string) => database.prepare(sql).all().map(Object.values);
  return {
    schema,
    columns: tables.map((table) => read(`PRAGMA table_xinfo(${table})`)),
    rows: tables.map((table) => [table, read(`SELECT count(*) FROM ${table}`)]),
    version: read("PRAGMA user_version"),
    application: read("PRAGMA application_id"),
  };
}

/** A registry as an older runweave made it, with the migrations up to this one. */
function makeOlder(upTo: number): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  for (const { number, sql } of readMigrations()) if (number <= upTo) database.exec(sql);
  database.exec(`PRAGMA application_id = ${0x52777652}; PRAGMA user_version = ${upTo}`);
  return database;
}

test("a new registry has the same tables as one that came through every migration", () => {
  const made = new DatabaseSync(":memory:");
  migrate(made, "new");
  const migrated = makeOlder(readSchema().version);
  expect(describe(made)).toEqual(describe(migrated));
  expect(readSchema().version).toBe(readMigrations().at(-1)?.number);
});

test.each(readMigrations().map(({ number }) => number))("a registry of version %d becomes the same", (number) => {
  const made = new DatabaseSync(":memory:");
  migrate(made, "new");
  const older = makeOlder(number);
  migrate(older, "older");
  expect(describe(older)).toEqual(describe(made));
});

test("the order of runs is read from the log when it was not kept yet", () => {
  const path = join(makeScratchFolder(), "registry.sqlite");
  const registry = openSqliteRegistry(path);
  const history = new History((events) => registry.append(events));
  const session = history.startSession();
  history.declare(session, "a", "b", "c", "d");
  const a = history.complete(session, "a");
  history.stepClock(-1000);
  const failed = history.resolve(session, "b");
  history.start(failed);
  history.fail(failed, "x", { again: true });
  history.start(history.resolve(session, "b", { attempt: 2 }));
  history.resolve(session, "c");
  const later = history.startSession();
  history.declare(later, "a");
  const reused = {
    session_id: later,
    run: "a",
    run_id: a.run_id,
    reason: "unchanged",
    fingerprint: null,
    load_versions: {},
  };
  history.add({ type: "run.reused", time: history.time, ...reused });
  registry.close();
  const older = makeOlder(21);
  older.exec(`ATTACH '${path}' AS made`);
  for (const table of ["events", "sessions", "runs"]) {
    const columns = older
      .prepare(`SELECT group_concat(name) AS names FROM pragma_table_info('${table}', 'main')`)
      .get();
    older.exec(`INSERT INTO main.${table} (${columns?.names}) SELECT ${columns?.names} FROM made.${table}`);
  }
  const read = (schema: string) => older.prepare(`SELECT * FROM ${schema}.runs ORDER BY id`).all();
  const made = read("made");
  older.exec("DETACH made");
  migrate(older, "older");
  expect(read("main")).toEqual(made);
  expect(new Set(made.map(({ moment_seq }) => moment_seq)).size).toBe(4);
});

test("the file of the schema is what `npm run schema` writes", () => {
  expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(squashMigrations());
});
