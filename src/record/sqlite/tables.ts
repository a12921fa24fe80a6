import type { SessionFilter, TagFilter } from "../../core/port/registry-lists.ts";
import type { RunId } from "../../core/run-id.ts";
import type {
  AliasMoveRow,
  AttemptRow,
  DiscardRow,
  FormerRow,
  RequestRow,
  Rows,
  RowValue,
  RunRow,
  SessionRow,
  TableName,
  VerdictRow,
} from "../rows.ts";
import type { RunCount, RunRowFilter, SessionRowFilter, TableStore, WriteKind } from "../table-store.ts";
import { applyChange } from "./changes.ts";
import type { Connection, WriteOptions } from "./connection.ts";
import { createSqliteHolds } from "./holds.ts";
import { appendToLog, readHead, readLinks, readLog } from "./log.ts";
import { createNameQuestions } from "./names.ts";
import { lastWrite, readLoads, versionQuestions } from "./questions.ts";
import { readHomes, settleHome } from "./record-home.ts";
import { BRIEF_PATIENCE_MS } from "./wait-while-busy.ts";

const NO_LIMIT = -1;

const LATEST_FINGERPRINTED = `
  SELECT attempts.* FROM runs JOIN attempts USING (session_id, run) JOIN sessions USING (session_id)
  WHERE runs.workflow = ? AND sessions.workflow_file IS ? AND runs.run = ?
    AND attempts.status = 'success' AND attempts.fingerprint IS NOT NULL
  ORDER BY runs.id DESC, attempts.id DESC LIMIT 1`;

const ATTEMPTS = "SELECT * FROM attempts WHERE session_id = ? AND run = ? ORDER BY id";
const FORMER = "SELECT * FROM formers WHERE session_id = ? AND run_id = ? AND dataset = ?";

const WRITES: Readonly<Record<WriteKind, WriteOptions>> = {
  durable: {},
  passing: { durable: false },
  brief: { patienceMs: BRIEF_PATIENCE_MS },
};

/** The tables in a SQLite file. */
export function createSqliteTables(connection: Connection): TableStore {
  const { prepare } = connection;
  return {
    writeAtomically: (work, kind = "durable") => connection.write(work, WRITES[kind]),
    readConsistently: connection.read,
    applyChange: (change) => applyChange(connection, change),
    appendToLog: (event) => appendToLog(connection, event),
    readLog: (position) => readLog(connection, position),
    readLinks: (scope) => readLinks(connection, scope),
    readHead: () => readHead(connection),
    homes: () => readHomes(connection),
    settleHome: (time) => settleHome(connection, time),
    findSessionRow: (sessionId) =>
      prepare("SELECT * FROM sessions WHERE session_id = ?").get(sessionId) as SessionRow | undefined,
    findRunRow: (sessionId, run) =>
      prepare("SELECT * FROM runs WHERE session_id = ? AND run = ?").get(sessionId, run) as RunRow | undefined,
    findAttemptRow: (runId) => prepare("SELECT * FROM attempts WHERE run_id = ?").get(runId) as AttemptRow | undefined,
    findDiscardRow: (runId) => prepare("SELECT * FROM discards WHERE run_id = ?").get(runId) as DiscardRow | undefined,
    findFormerRow: ({ session_id, run_id, dataset }) =>
      prepare(FORMER).get(session_id, run_id, dataset) as FormerRow | undefined,
    findOpenRequests: (sessionId) =>
      prepare("SELECT * FROM requests WHERE session_id = ? AND answered_time IS NULL ORDER BY id").all(
        sessionId,
      ) as RequestRow[],
    sessionNumbers: (filter) => sessionNumbers(connection, filter),
    runNumbers: (filter) => runNumbers(connection, filter),
    selectNumbered: (table, numbers) => selectIn(connection, { table, column: "id", values: numbers }),
    selectIn: (table, column, values) => selectIn(connection, { table, column, values }),
    selectColumns: <T extends TableName, C extends keyof Rows[T] & string>(table: T, columns: readonly C[]) =>
      prepare(`SELECT ${columns.join(", ")} FROM ${table} ORDER BY id`).all() as unknown as Pick<Rows[T], C>[],
    selectAttempts: (runs) =>
      runs.flatMap(({ session_id, run }) => prepare(ATTEMPTS).all(session_id, run) as AttemptRow[]),
    ...versionQuestions(connection),
    lastWrite: (location, folders, until) => lastWrite(connection, { location, folders, until }),
    readLoads: () => readLoads(connection),
    aliasMoves: () => prepare("SELECT * FROM alias_moves ORDER BY id").all() as AliasMoveRow[],
    verdicts: () => prepare("SELECT * FROM verdicts ORDER BY id").all() as VerdictRow[],
    ...createNameQuestions(connection),
    othersMark: () => String(prepare("PRAGMA data_version").get()?.data_version),
    ...fingerprintQuestions(connection),
    countRuns: (sessionIds) => countRuns(connection, sessionIds),
    holds: createSqliteHolds(connection),
    close: connection.close,
  };
}

function fingerprintQuestions({ prepare }: Connection): Pick<TableStore, "attemptsLike" | "latestFingerprinted"> {
  return {
    attemptsLike: (fingerprint, limit) =>
      prepare("SELECT run_id FROM attempts WHERE fingerprint = ? AND status = 'success' ORDER BY id DESC LIMIT ?")
        .all(fingerprint, limit)
        .map((row) => row.run_id as RunId),
    latestFingerprinted: ({ workflow, workflow_file }, run) =>
      prepare(LATEST_FINGERPRINTED).get(workflow, workflow_file, run) as AttemptRow | undefined,
  };
}

function sessionNumbers(connection: Connection, filter: SessionRowFilter): number[] {
  const { where, values } = buildWhere([
    ["workflow = ?", filter.workflow],
    ["workflow_file IS ?", filter.workflow_file],
    statusCondition(filter.status),
    ["start_time >= ?", filter.since],
    ["start_time <= ?", filter.until],
    ["id > (SELECT id FROM sessions WHERE session_id = ?)", filter.later_than],
    ["id < ?", ...(filter.after ?? [undefined])],
  ]);
  const sql = `SELECT id FROM sessions ${where} ORDER BY id DESC LIMIT ?`;
  return readNumbers(connection, sql, [...values, filter.limit ?? NO_LIMIT]);
}

function runNumbers(connection: Connection, filter: RunRowFilter): number[] {
  const { where, values } = buildWhere([
    ["session_id = ?", filter.session_id],
    ["workflow = ?", filter.workflow],
    ["session_id IN (SELECT session_id FROM sessions WHERE workflow_file IS ?)", filter.workflow_file],
    ["status = ?", filter.status],
    ["moment >= ?", filter.since],
    ["(moment_seq, id) < (?, ?)", ...(filter.after ?? [undefined])],
    ...(filter.tags ?? []).map(tagCondition),
  ]);
  const sql = `SELECT id FROM runs ${where} ORDER BY moment_seq DESC, id DESC LIMIT ?`;
  return readNumbers(connection, sql, [...values, filter.limit ?? NO_LIMIT]);
}

function readNumbers({ prepare }: Connection, sql: string, values: readonly RowValue[]): number[] {
  return prepare(sql).collect(({ id }) => Number(id), ...values);
}

/** A list costs the order of the index, so one status is asked for by itself. */
function statusCondition(status: SessionFilter["status"]): Condition {
  if (status === undefined || typeof status === "string") return ["status = ?", status];
  return ["status IN (SELECT value FROM json_each(?))", JSON.stringify(status)];
}

function tagCondition({ key, value }: TagFilter): Condition {
  const tagged = "run_id IN (SELECT run_id FROM tags WHERE key = ? AND value IS NOT NULL";
  return value === null ? [`${tagged})`, key] : [`${tagged} AND value = ?)`, key, value];
}

interface Selection<T extends TableName> {
  table: T;
  column: (keyof Rows[T] & string) | "id";
  values: readonly RowValue[];
}

/** CROSS JOIN keeps SQLite from walking the whole table instead of looking each value up. */
function selectIn<T extends TableName>({ prepare }: Connection, { table, column, values }: Selection<T>): Rows[T][] {
  if (values.length === 0) return [];
  const sql = `SELECT t.* FROM json_each(?) AS wanted CROSS JOIN ${table} AS t
    WHERE t.${column} = wanted.value ORDER BY wanted.key, t.id`;
  return prepare(sql).all(JSON.stringify(values)) as Rows[T][];
}

function countRuns({ prepare }: Connection, sessionIds: readonly string[]): RunCount[] {
  const sql = `SELECT c.* FROM json_each(?) AS wanted CROSS JOIN run_counts AS c
    WHERE c.session_id = wanted.value AND c.count > 0`;
  return prepare(sql).all(JSON.stringify(sessionIds)) as unknown as RunCount[];
}

/** A condition of a query, and the values of its question marks. An undefined value leaves the condition out. */
type Condition = readonly [sql: string, ...values: (RowValue | undefined)[]];

function buildWhere(conditions: readonly Condition[]): { where: string; values: RowValue[] } {
  const given = conditions.filter(([, ...values]) => !values.includes(undefined));
  const where = given.length === 0 ? "" : `WHERE ${given.map(([sql]) => sql).join(" AND ")}`;
  return { where, values: given.flatMap(([, ...values]) => values.filter((value) => value !== undefined)) };
}
