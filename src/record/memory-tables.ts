import { compareDown, compareText } from "../core/compare-text.ts";
import type { NamedRun } from "../core/name-questions.ts";
import type { SessionFilter, TagFilter } from "../core/registry.ts";
import type { RunStatus } from "../core/run.ts";
import { type Change, failUpdate } from "./change.ts";
import { createMemoryHolds } from "./memory-holds.ts";
import { createMemoryLog, type MemoryLog } from "./memory-log.ts";
import {
  type AttemptRow,
  type Row,
  type Rows,
  type RunRow,
  type SessionRow,
  TABLE_KEYS,
  type TableName,
} from "./rows.ts";
import type { RunCount, RunRowFilter, TableStore } from "./table-store.ts";

/** A row with its place in the order of insertion. */
type Stored<R extends Row = Row> = R & { id: number };

/** Rows by their owner, the value of the table's grouping column, then by their whole key. */
type Table = Map<string, Map<string, Stored>>;

/** Where one row is. */
interface Place {
  table: Table;
  owner: string;
  key: string;
}

/** What takes back a change, so that a refused batch leaves nothing behind. */
type Undo = () => void;

/** The tables in the memory of this process. */
export function createMemoryTables(): TableStore {
  const tables = new MemoryTables();
  const log = createMemoryLog();
  return {
    writeAtomically: (work) => tables.writeAtomically(log, work),
    readConsistently: (work) => work(),
    applyChange: (change) => tables.apply(change),
    appendToLog: log.append,
    readLog: log.read,
    readLinks: log.links,
    readHead: log.head,
    ...homeQuestions(log),
    findSessionRow: (sessionId) => tables.rowsOf("sessions", sessionId)[0],
    findRunRow: (sessionId, run) => tables.find("runs", { session_id: sessionId, run }),
    findAttemptRow: (runId) => tables.rowsOf("attempts", runId)[0],
    findDiscardRow: (runId) => tables.rowsOf("discards", runId)[0],
    findFormerRow: (key) => tables.find("formers", { ...key }),
    findOpenRequests: (sessionId) =>
      tables.rowsOf("requests", sessionId).filter(({ answered_time }) => answered_time === null),
    selectSessions: (filter) => selectSessions(tables, filter),
    selectRuns: (filter) => selectRuns(tables, filter),
    selectIn: (table, column, values) => tables.selectIn(table, column, values),
    selectColumns: (table) => tables.all(table).sort((a, b) => a.id - b.id),
    selectAttempts: (sessionId, run) =>
      tables.selectIn("attempts", "session_id", [sessionId]).filter((row) => row.run === run),
    versionsBefore: (dataset, runId, limit) =>
      tables
        .selectIn("versions", "dataset", [dataset])
        .filter((row) => row.run_id < runId)
        .sort((a, b) => compareDown(a.run_id, b.run_id))
        .slice(0, limit),
    versionsOfContent: ({ dataset, hash }) =>
      tables
        .all("versions")
        .filter((row) => row.hash === hash && (row.dataset === dataset || row.dataset.startsWith(`${dataset}@`)))
        .sort((a, b) => compareText(a.run_id, b.run_id) || compareText(a.dataset, b.dataset)),
    lastWrite: (location, folders, until) =>
      tables
        .all("writes")
        .filter((row) => row.time <= until)
        .filter((row) => [location, ...folders].includes(row.location) || row.location.startsWith(`${location}/`))
        .sort((a, b) => compareDown(a.time, b.time) || b.id - a.id)[0],
    readLoads: () => tables.all("loads").sort((a, b) => a.id - b.id),
    aliasMoves: () => tables.all("alias_moves").sort((a, b) => a.id - b.id),
    verdicts: () => tables.all("verdicts").sort((a, b) => a.id - b.id),
    ...nameQuestions(tables),
    readDataVersion: () => log.length(),
    ...fingerprintQuestions(tables),
    countRuns: (sessionIds) => sessionIds.flatMap((sessionId) => countStatuses(tables, sessionId)),
    holds: createMemoryHolds(),
    close: () => {},
  };
}

type NameQuestions = Pick<TableStore, "idsBeginning" | "idsEnding" | "runsNamed" | "runNames">;

function nameQuestions(tables: MemoryTables): NameQuestions {
  return {
    idsBeginning: (table, prefix) => tables.idsBeginning(table, prefix),
    idsEnding: (table, ending) => tables.ids(table).filter((id) => id.endsWith(ending)),
    runsNamed: (name) => runsNamed(tables, name),
    runNames: () => [...new Set(tables.all("runs").map(({ run }) => run))].sort(compareText),
  };
}

function selectRuns(tables: MemoryTables, filter: RunRowFilter): RunRow[] {
  const { workflow, workflow_file, session_id, status, since, tags = [], limit } = filter;
  return (session_id === undefined ? tables.all("runs") : tables.rowsOf("runs", session_id))
    .filter((row) => fits(row.workflow, workflow) && fits(row.status, status))
    .filter((row) => workflow_file === undefined || fileOf(tables, row) === workflow_file)
    .filter((row) => since === undefined || row.moment >= since)
    .filter((row) => tags.every((tag) => hasTag(tables, row.run_id, tag)))
    .sort((a, b) => compareDown(a.moment, b.moment) || b.id - a.id)
    .slice(0, limit);
}

/** Answers for a registry that is in no file, and so has no places. */
function homeQuestions(log: MemoryLog): Pick<TableStore, "firstSeq" | "homes" | "settleHome"> {
  return {
    firstSeq: (scope) => Iterator.from(log.links(scope)).next().value?.seq ?? null,
    homes: () => [],
    settleHome: () => {},
  };
}

class MemoryTables {
  #tables = Object.fromEntries(Object.keys(TABLE_KEYS).map((name) => [name, new Map()])) as Record<TableName, Table>;
  #undo: Undo[] = [];
  #lastId = 0;

  writeAtomically(log: MemoryLog, work: () => void): void {
    const logged = log.length();
    this.#undo = [];
    try {
      work();
    } catch (error) {
      for (const undo of this.#undo.reverse()) undo();
      log.cut(logged);
      throw error;
    }
  }

  apply(change: Change): void {
    switch (change.kind) {
      case "insert":
        this.#insert(change.table, change.row);
        break;
      case "merge":
        this.#merge(change);
        break;
      case "update":
        this.#update(change);
        break;
    }
  }

  all<T extends TableName>(table: T): Stored<Rows[T]>[] {
    return [...this.#tables[table].values()].flatMap((rows) => [...rows.values()] as unknown as Stored<Rows[T]>[]);
  }

  rowsOf<T extends TableName>(table: T, owner: string): Stored<Rows[T]>[] {
    return [...(this.#tables[table].get(owner)?.values() ?? [])] as unknown as Stored<Rows[T]>[];
  }

  find<T extends TableName>(table: T, key: Row): Stored<Rows[T]> | undefined {
    return read(this.#placeOf(table, key)) as Stored<Rows[T]> | undefined;
  }

  selectIn<T extends TableName>(table: T, column: keyof Rows[T] & string, values: readonly string[]): Rows[T][] {
    if (column === ownerColumn(table)) return values.flatMap((value) => this.rowsOf(table, value));
    return values.flatMap((value) =>
      this.all(table)
        .filter((row) => row[column] === value)
        .sort((a, b) => a.id - b.id),
    );
  }

  idsBeginning(table: TableName, prefix: string): string[] {
    if (this.#tables[table].has(prefix)) return [prefix];
    return this.ids(table).filter((id) => prefix !== "" && id.startsWith(prefix));
  }

  /** The name of the column of ids, in a table that is grouped by them. */
  ids(table: TableName): string[] {
    return [...this.#tables[table].keys()].sort(compareText);
  }

  #insert(table: TableName, row: Row): void {
    const place = this.#placeOf(table, row);
    if (read(place) !== undefined) throw new Error(`${table} ${place.key} is there already`);
    this.#put(place, { ...row, id: ++this.#lastId });
  }

  #merge({ table, row, overwrite }: Change & { kind: "merge" }): void {
    const place = this.#placeOf(table, row);
    const before = read(place);
    const changed = Object.fromEntries(overwrite.map((column) => [column, row[column] ?? null]));
    if (before === undefined) this.#insert(table, row);
    else this.#put(place, { ...before, ...changed });
  }

  #update(change: Change & { kind: "update" }): void {
    const place = this.#placeOf(change.table, change.key);
    const row = read(place);
    if (row === undefined || !agrees(row, change.expect)) failUpdate(change);
    else this.#put(place, { ...row, ...change.set });
  }

  #placeOf(table: TableName, row: Row): Place {
    const columns = TABLE_KEYS[table];
    const key = columns.length === 0 ? `#${this.#lastId + 1}` : JSON.stringify(columns.map((column) => row[column]));
    return { table: this.#tables[table], owner: String(row[ownerColumn(table)]), key };
  }

  #put(place: Place, row: Stored): void {
    const before = read(place);
    const rows = place.table.get(place.owner) ?? new Map<string, Stored>();
    place.table.set(place.owner, rows.set(place.key, row));
    this.#undo.push(() => {
      if (before !== undefined) rows.set(place.key, before);
      else if (rows.delete(place.key) && rows.size === 0) place.table.delete(place.owner);
    });
  }
}

const BY_SESSION: ReadonlySet<TableName> = new Set(["sessions", "runs", "requests", "formers", "compensations"]);

function ownerColumn(table: TableName): "session_id" | "run_id" | "digest" {
  if (table === "environments") return "digest";
  return BY_SESSION.has(table) ? "session_id" : "run_id";
}

function selectSessions(tables: MemoryTables, filter: SessionFilter): SessionRow[] {
  const { workflow, workflow_file, status, since, until, limit } = filter;
  return tables
    .all("sessions")
    .filter((row) => fits(row.workflow, workflow) && fits(row.workflow_file, workflow_file))
    .filter((row) => fits(row.status, status))
    .filter((row) => since === undefined || row.start_time >= since)
    .filter((row) => until === undefined || row.start_time <= until)
    .sort((a, b) => compareDown(a.start_time, b.start_time) || b.id - a.id)
    .slice(0, limit);
}

function runsNamed(tables: MemoryTables, name: string): NamedRun[] {
  return selectSessions(tables, {}).flatMap(({ session_id, start_time }) =>
    tables
      .rowsOf("runs", session_id)
      .filter(({ run }) => run === name || run.startsWith(`${name}[`))
      .sort((a, b) => a.id - b.id)
      .map(({ run, run_id, status }) => ({ session_id, session_time: start_time, run, run_id, status })),
  );
}

function hasTag(tables: MemoryTables, runId: string | null, { key, value }: TagFilter): boolean {
  const found = runId === null ? undefined : tables.find("tags", { run_id: runId, key })?.value;
  return found != null && (value === null || found === value);
}

/** The workflow file of the session that a row belongs to. */
function fileOf(tables: MemoryTables, { session_id }: { session_id: string }): string | null {
  return tables.rowsOf("sessions", session_id)[0]?.workflow_file ?? null;
}

function read(place: Place): Stored | undefined {
  return place.table.get(place.owner)?.get(place.key);
}

function agrees(row: Row, expected: Row): boolean {
  return Object.entries(expected).every(([column, value]) => row[column] === value);
}

function fits<T>(value: T, wanted: T | undefined): boolean {
  return wanted === undefined || value === wanted;
}

function fingerprintQuestions(tables: MemoryTables): Pick<TableStore, "attemptsLike" | "latestFingerprinted"> {
  const newestSucceeded = () =>
    tables
      .all("attempts")
      .filter(({ status }) => status === "success")
      .sort((a, b) => b.id - a.id);
  const workflowOf = ({ session_id, run }: AttemptRow) => tables.find("runs", { session_id, run })?.workflow;
  return {
    attemptsLike: (fingerprint, limit) =>
      newestSucceeded()
        .filter((row) => row.fingerprint === fingerprint)
        .slice(0, limit)
        .map(({ run_id }) => run_id),
    latestFingerprinted: ({ workflow, workflow_file }, run) =>
      newestSucceeded()
        .filter((row) => row.run === run && row.fingerprint !== null)
        .find((row) => workflowOf(row) === workflow && fileOf(tables, row) === workflow_file),
  };
}

function countStatuses(tables: MemoryTables, sessionId: string): RunCount[] {
  const counts = new Map<RunStatus, number>();
  for (const { status } of tables.rowsOf("runs", sessionId)) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => ({ session_id: sessionId, status, count }));
}
