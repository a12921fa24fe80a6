import type { DatabaseSync } from "node:sqlite";

/** Changes a registry by hand, past the triggers that keep its log from being changed: its schema is as it was afterwards. */
export function changeRegistry(database: DatabaseSync, sql: string): void {
  const triggers = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'events'")
    .all();
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
  database.exec(sql);
  for (const { sql: made } of triggers) database.exec(String(made));
}
