import type { SessionId } from "../../core/run-id.ts";
import { type Row, TABLE_KEYS } from "../rows.ts";
import type { Connection } from "../sqlite/connection.ts";

/** A row of the registry that is not as the log says. */
export interface RecordDifference {
  table: string;
  /** `missing`: the registry has lost it. `added`: no event says it. `order`: all rows are there, and one of them comes too early or too late. */
  kind: "missing" | "added" | "changed" | "order";
  /** The row as the log says; as the registry has it if it was added; empty for `order`. */
  row: Row;
  /** Names of the columns that differ, for `changed`. */
  columns: string[];
}

/** Columns that no event tells: a session renews its lease in its row alone, and the mark is of the log itself. */
const NOT_LOGGED: Readonly<Record<string, readonly string[]>> = { sessions: ["lease_until", "mark"] };
/** Tables that are made from the log, with what tells one row from another. The counts are made by triggers. */
const MADE: Readonly<Record<string, readonly string[]>> = { ...TABLE_KEYS, run_counts: ["session_id", "status"] };
/** Rows that migration 5 added at the end have times of before. */
const ORDER: Readonly<Record<string, string>> = { writes: "time, id" };

/**
 * Compares each table that follows from the log with the registry's own, all their columns but the rows' internal numbers. With `session`, only
 * rows of that session and its attempts. The database is one that `openBeside` opened.
 */
export function compareTables(connection: Connection, session: SessionId | null): RecordDifference[] {
  return Object.keys(MADE).flatMap((table) => compareTable(connection, describeTable(connection, table, session)));
}

interface Compared {
  table: string;
  columns: readonly string[];
  /** False if rows have no number of their own. */
  isNumbered: boolean;
  /** Condition on rows of the registry, with the session as its values. */
  where: string;
  bound: readonly string[];
}

function describeTable({ prepare }: Connection, table: string, session: SessionId | null): Compared {
  const all = prepare("SELECT name FROM pragma_table_info(?, 'main')")
    .all(table)
    .map(({ name }) => String(name));
  const columns = all.filter((name) => name !== "id" && !NOT_LOGGED[table]?.includes(name));
  return { table, columns, isNumbered: all.includes("id"), ...describeScope(table, { columns, session }) };
}

/** Rows of the session and of its attempts, and those of other attempts that an event of this session tells of. */
function describeScope(
  table: string,
  { columns, session }: { columns: readonly string[]; session: SessionId | null },
): Pick<Compared, "where" | "bound"> {
  if (session === null) return { where: "TRUE", bound: [] };
  if (columns.includes("session_id")) return { where: "session_id = ?", bound: [session] };
  if (table === "environments") return { where: "digest IN (SELECT digest FROM main.environments)", bound: [] };
  const own = "SELECT run_id FROM main.attempts UNION SELECT run_id FROM recorded.attempts WHERE session_id = ?";
  const isTold = `(${columns.join(", ")}) IN (SELECT ${columns.join(", ")} FROM main.${table})`;
  return { where: `(run_id IN (${own}) OR ${isTold})`, bound: [session] };
}

function compareTable(connection: Connection, compared: Compared): RecordDifference[] {
  if (areEqual(connection, compared)) return [];
  const found = findDifferences(connection, compared);
  return found.length > 0 || isInOrder(connection, compared)
    ? found
    : [{ table: compared.table, kind: "order", row: {}, columns: [] }];
}

/** True if all rows are equal and have equal numbers: the fast way, which a whole registry mostly takes. */
function areEqual({ prepare }: Connection, { table, columns, isNumbered, bound }: Compared): boolean {
  if (!isNumbered || bound.length > 0) return false;
  const count = (schema: string) => prepare(`SELECT count(*) AS n FROM ${schema}.${table}`).get()?.n;
  if (count("main") !== count("recorded")) return false;
  const differ = columns.map((column) => `r.${column} IS NOT l.${column}`).join(" OR ");
  const sql = `SELECT 1 FROM main.${table} AS l LEFT JOIN recorded.${table} AS r ON r.id = l.id WHERE r.id IS NULL OR ${differ} LIMIT 1`;
  return prepare(sql).get() === undefined;
}

function findDifferences({ prepare }: Connection, { table, columns, where, bound }: Compared): RecordDifference[] {
  const names = columns.join(", ");
  const sql = `SELECT ${names}, sum(side) AS side FROM (
      SELECT ${names}, 1 AS side FROM main.${table} UNION ALL SELECT ${names}, -1 FROM recorded.${table} WHERE ${where}
    ) GROUP BY ${names} HAVING sum(side) <> 0`;
  const rows = prepare(sql).all(...bound) as (Row & { side: number })[];
  return pairRows(table, rows);
}

/** A row that the log says and one that the registry has, with the same key, are one row that was changed. */
function pairRows(table: string, rows: readonly (Row & { side: number })[]): RecordDifference[] {
  const key = MADE[table] ?? [];
  const keyOf = (row: Row) => JSON.stringify(key.map((column) => row[column]));
  const isPaired = key.length > 0;
  const kept = new Map(rows.filter(({ side }) => side < 0).map(({ side, ...row }) => [keyOf(row), row]));
  const logged = new Set(rows.filter(({ side }) => side > 0).map(keyOf));
  return rows.flatMap(({ side, ...row }): RecordDifference[] => {
    const other = isPaired ? kept.get(keyOf(row)) : undefined;
    if (side < 0) return isPaired && logged.has(keyOf(row)) ? [] : [{ table, kind: "added", row, columns: [] }];
    if (other === undefined) return [{ table, kind: "missing", row, columns: [] }];
    const columns = Object.keys(row).filter((column) => row[column] !== other[column]);
    return [{ table, kind: "changed", row, columns }];
  });
}

/** The order of equal rows counts too: the last move of an alias is the one that holds. */
function isInOrder({ prepare }: Connection, { table, columns, isNumbered, where, bound }: Compared): boolean {
  if (!isNumbered) return true;
  const ranked = (schema: string, condition: string) =>
    `SELECT row_number() OVER (ORDER BY ${ORDER[table] ?? "id"}) AS n, * FROM ${schema}.${table} WHERE ${condition}`;
  const differ = columns.map((column) => `r.${column} IS NOT l.${column}`).join(" OR ");
  const sql = `SELECT 1 FROM (${ranked("main", "TRUE")}) AS l JOIN (${ranked("recorded", where)}) AS r USING (n) WHERE ${differ} LIMIT 1`;
  return prepare(sql).get(...bound) === undefined;
}
