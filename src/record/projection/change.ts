import type { Row, Rows, TableName } from "../rows.ts";

/** One step of what an event does to the tables, as data: every storage carries out the same. */
export type Change =
  | { kind: "insert"; table: TableName; row: Row }
  /** Inserts the row; if there is one with its key, copies the columns of `overwrite` to that one. */
  | { kind: "merge"; table: TableName; row: Row; overwrite: readonly string[] }
  /** Changes exactly one row, and only if it is still as `expect` says. */
  | { kind: "update"; table: TableName; key: Row; expect: Row; set: Row };

export function insertRow<T extends TableName>(table: T, row: Rows[T]): Change {
  return { kind: "insert", table, row };
}

export function mergeRow<T extends TableName>(
  table: T,
  row: Rows[T],
  overwrite: readonly (keyof Rows[T] & string)[],
): Change {
  return { kind: "merge", table, row, overwrite };
}

export function updateRow<T extends TableName>(
  table: T,
  change: { key: Partial<Rows[T]>; expect: Partial<Rows[T]>; set: Partial<Rows[T]> },
): Change {
  return { kind: "update", table, key: change.key as Row, expect: change.expect as Row, set: change.set as Row };
}

/** Throws as the row is not as the change expected: another process has changed it. */
export function failUpdate(change: Change & { kind: "update" }): never {
  throw new Error(`${change.table} ${JSON.stringify(change.key)} is no longer ${JSON.stringify(change.expect)}`);
}
