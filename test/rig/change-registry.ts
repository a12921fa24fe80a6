import type { DatabaseSync } from "node:sqlite";
import { hashLink, type LoggedEvent } from "../../src/record/chain.ts";

/** Changes a registry by hand, past the triggers that keep its log from being changed: its schema is as it was afterwards. */
export function changeRegistry(database: DatabaseSync, sql: string): void {
  const triggers = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'events'")
    .all();
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
  database.exec(sql);
  for (const { sql: made } of triggers) database.exec(String(made));
}

/** Changes a registry in the same way, and makes all hashes of its log anew, so that the log agrees with itself. */
export function forgeLog(database: DatabaseSync, sql: string): void {
  changeRegistry(database, sql);
  let last: string | null = null;
  const events = database.prepare("SELECT * FROM events ORDER BY seq").all() as unknown as LoggedEvent[];
  const hashes = events.map((event) => {
    last = hashLink(event, last);
    return `UPDATE events SET hash = '${last}' WHERE seq = ${event.seq};
      INSERT OR REPLACE INTO chain_head VALUES (1, ${event.seq}, '${last}');`;
  });
  changeRegistry(database, hashes.join("\n"));
}
