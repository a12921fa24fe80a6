import { connect } from "./connection.ts";
import { openForWriting } from "./open-database.ts";
import { projectEvent } from "./project-event.ts";
import { TABLE_KEYS } from "./rows.ts";
import { createSqliteTables } from "./sqlite-tables.ts";

/**
 * Makes every table of the registry at `path` anew from its log of events, in one transaction.
 * Returns how many events that took.
 */
export function rebuildRegistry(path: string): number {
  const connection = connect(path, openForWriting);
  const tables = createSqliteTables(connection);
  let count = 0;
  try {
    tables.writeAtomically(() => {
      // The tables are listed parents first, and children go first.
      for (const table of Object.keys(TABLE_KEYS).reverse()) connection.prepare(`DELETE FROM ${table}`).run();
      // A trigger counts again.
      connection.prepare("DELETE FROM run_counts").run();
      for (const event of tables.readLog()) {
        for (const change of projectEvent(event, tables)) tables.applyChange(change);
        count += 1;
      }
    });
  } finally {
    tables.close();
  }
  return count;
}
