import type { NamedRun } from "../../core/port/name-questions.ts";
import type { TagFilter } from "../../core/port/registry-lists.ts";
import type { RunStatus } from "../../core/run.ts";
import { compareDown, compareText } from "../../core/text/compare-text.ts";
import type { AttemptRow, RunRow, SessionRow } from "../rows.ts";
import type { ListPlace, RunCount, RunRowFilter, SessionRowFilter, TableStore } from "../table-store.ts";
import { createMemoryHolds } from "./holds.ts";
import { createMemoryLog } from "./log.ts";
import { MemoryTables, type Stored } from "./rows.ts";

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
    // A registry that is in no file has no places.
    homes: () => [],
    settleHome: () => {},
    findSessionRow: (sessionId) => tables.rowsOf("sessions", sessionId)[0],
    findRunRow: (sessionId, run) => tables.find("runs", { session_id: sessionId, run }),
    findAttemptRow: (runId) => tables.rowsOf("attempts", runId)[0],
    findDiscardRow: (runId) => tables.rowsOf("discards", runId)[0],
    findFormerRow: (key) => tables.find("formers", { ...key }),
    findOpenRequests: (sessionId) =>
      tables.rowsOf("requests", sessionId).filter(({ answered_time }) => answered_time === null),
    ...listQuestions(tables),
    selectIn: (table, column, values) => tables.selectIn(table, column, values),
    selectColumns: (table) => tables.all(table).sort((a, b) => a.id - b.id),
    selectAttempts: (runs) =>
      runs.flatMap(({ session_id, run }) =>
        tables.selectIn("attempts", "session_id", [session_id]).filter((row) => row.run === run),
      ),
    ...versionQuestions(tables),
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
    othersMark: () => "",
    ...fingerprintQuestions(tables),
    countRuns: (sessionIds) => sessionIds.flatMap((sessionId) => countStatuses(tables, sessionId)),
    holds: createMemoryHolds(),
    close: () => {},
  };
}

function versionQuestions(tables: MemoryTables): Pick<TableStore, "writersBefore" | "adoptedAs" | "versionsOfContent"> {
  return {
    writersBefore: (questions, limit) =>
      questions.map((question) =>
        tables
          .selectIn("versions", "dataset", [question.dataset])
          .map(({ run_id }) => run_id)
          .filter((writer) => writer < question.run_id)
          .sort(compareDown)
          .slice(0, limit),
      ),
    adoptedAs: (versions) =>
      tables.selectIn("versions", "version", versions).filter((row) => row.run_id.startsWith(`${row.version}-`)),
    versionsOfContent: (contents) =>
      contents.flatMap(({ dataset, hash }) =>
        tables
          .all("versions")
          .filter((row) => row.hash === hash && (row.dataset === dataset || row.dataset.startsWith(`${dataset}@`)))
          .sort((a, b) => compareText(a.run_id, b.run_id) || compareText(a.dataset, b.dataset)),
      ),
  };
}

function listQuestions(tables: MemoryTables): Pick<TableStore, "sessionNumbers" | "runNumbers" | "selectNumbered"> {
  return {
    sessionNumbers: (filter) => selectSessions(tables, filter).map(({ id }) => id),
    runNumbers: (filter) => selectRuns(tables, filter).map(({ id }) => id),
    selectNumbered: (table, numbers) => tables.numbered(table, numbers),
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

function selectRuns(tables: MemoryTables, filter: RunRowFilter): Stored<RunRow>[] {
  const { workflow, workflow_file, session_id, status, since, tags = [], after, limit } = filter;
  return (session_id === undefined ? tables.all("runs") : tables.rowsOf("runs", session_id))
    .filter((row) => fits(row.workflow, workflow) && fits(row.status, status))
    .filter((row) => workflow_file === undefined || fileOf(tables, row) === workflow_file)
    .filter((row) => since === undefined || row.moment >= since)
    .filter((row) => tags.every((tag) => hasTag(tables, row.run_id, tag)))
    .sort((a, b) => b.moment_seq - a.moment_seq || b.id - a.id)
    .filter((row) => isBehind([row.moment_seq, row.id], after))
    .slice(0, limit);
}

function isBehind(place: ListPlace, after: ListPlace | undefined): boolean {
  const differing = after?.findIndex((value, at) => value !== place[at]);
  return differing === undefined || (place[differing] ?? 0) < (after?.[differing] ?? 0);
}

function selectSessions(tables: MemoryTables, filter: SessionRowFilter): Stored<SessionRow>[] {
  const { workflow, workflow_file, status, since, until, later_than, after, limit } = filter;
  return tables
    .all("sessions")
    .filter((row) => fits(row.workflow, workflow) && fits(row.workflow_file, workflow_file))
    .filter((row) => [status ?? row.status].flat().includes(row.status))
    .filter((row) => since === undefined || row.start_time >= since)
    .filter((row) => until === undefined || row.start_time <= until)
    .filter((row) => later_than === undefined || isLater(tables, row, later_than))
    .sort((a, b) => b.id - a.id)
    .filter((row) => isBehind([row.id], after))
    .slice(0, limit);
}

function isLater(tables: MemoryTables, { id }: Stored<SessionRow>, sessionId: string): boolean {
  const [other] = tables.rowsOf("sessions", sessionId);
  return other !== undefined && id > other.id;
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
