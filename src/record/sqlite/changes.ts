import { type Change, failUpdate } from "../projection/change.ts";
import { type Row, TABLE_KEYS } from "../rows.ts";
import type { Connection } from "./connection.ts";

/** Carries out a change within the transaction under way. */
export function applyChange(connection: Connection, change: Change): void {
  switch (change.kind) {
    case "insert":
      connection.prepare(insertSql(change.table, change.row)).run(...Object.values(change.row));
      return;
    case "merge":
      connection.prepare(mergeSql(change)).run(...Object.values(change.row));
      return;
    case "update": {
      const { set, key, expect } = change;
      const values = [...Object.values(set), ...Object.values(key), ...Object.values(expect)];
      if (connection.prepare(updateSql(change)).run(...values).changes !== 1) failUpdate(change);
      return;
    }
  }
}

function insertSql(table: string, row: Row): string {
  const columns = Object.keys(row);
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
}

function mergeSql({ table, row, overwrite }: Change & { kind: "merge" }): string {
  const assignments = overwrite.map((column) => `${column} = excluded.${column}`).join(", ");
  return `${insertSql(table, row)} ON CONFLICT (${TABLE_KEYS[table].join(", ")}) DO UPDATE SET ${assignments}`;
}

function updateSql({ table, set, key, expect }: Change & { kind: "update" }): string {
  const keys = Object.keys(key).map((column) => `${column} = ?`);
  const conditions = [...keys, ...Object.keys(expect).map((column) => `${column} IS ?`)].join(" AND ");
  const assignments = Object.keys(set).map((column) => `${column} = ?`);
  return `UPDATE ${table} SET ${assignments.join(", ")} WHERE ${conditions}`;
}
