import type { RunLine } from "../core/port/registry-lists.ts";
import type { RunRecord } from "../core/run.ts";
import type { AttemptRow, RunRow } from "./rows.ts";
import { toRunLine, toRunRecord } from "./run-records.ts";
import type { TableStore } from "./table-store.ts";

/** Describes runs for lists: one question, however long the list. */
export function describeRuns(store: TableStore, runs: readonly RunRow[]): RunLine[] {
  const runIds = new Set(runs.flatMap(({ run_id }) => run_id ?? []));
  const attempts = new Map(store.selectIn("attempts", "run_id", [...runIds]).map((row) => [row.run_id, row]));
  return runs.map((run) => toRunLine(run, run.run_id === null ? undefined : attempts.get(run.run_id)));
}

/** Reads table by table and not run by run: a few questions however long the list. */
export function assembleRuns(store: TableStore, runs: readonly RunRow[]): RunRecord[] {
  // Runs that are alike were all reused from one attempt: its rows are wanted once.
  const runIds = [...new Set(runs.flatMap((run) => (run.run_id === null ? [] : [run.run_id])))];
  const sessionIds = [...new Set(runs.map((run) => run.session_id))];
  const sessions = new Map(store.selectIn("sessions", "session_id", sessionIds).map((row) => [row.session_id, row]));
  const attempts = new Map(store.selectIn("attempts", "run_id", runIds).map((row) => [row.run_id, row]));
  const pins = Map.groupBy(store.selectIn("pins", "run_id", runIds), (row) => row.run_id);
  const versions = Map.groupBy(store.selectIn("versions", "run_id", runIds), (row) => row.run_id);
  const nodes = Map.groupBy(store.selectIn("nodes", "run_id", runIds), (row) => row.run_id);
  const tags = Map.groupBy(store.selectIn("tags", "run_id", runIds), (row) => row.run_id);
  const notes = Map.groupBy(store.selectIn("notes", "run_id", runIds), (row) => row.run_id);
  const warnings = Map.groupBy(store.selectIn("warnings", "run_id", runIds), (row) => row.run_id);
  const discards = Map.groupBy(store.selectIn("discards", "run_id", runIds), (row) => row.run_id);
  return runs.flatMap((run) => {
    const session = sessions.get(run.session_id);
    if (session === undefined) return [];
    const runId = run.run_id;
    const of = <Row>(rows: Map<string, Row[]>): Row[] => (runId === null ? [] : (rows.get(runId) ?? []));
    const saved = { pins: of(pins), versions: of(versions), nodes: of(nodes), warnings: of(warnings) };
    const said = { tags: of(tags), notes: of(notes), discards: of(discards) };
    const attempt = runId === null ? undefined : attempts.get(runId);
    return [toRunRecord({ session, run, attempt, unstarted: countUnstarted(store, run, attempt), ...saved, ...said })];
  });
}

/** Attempts that were skipped, or given up, before they had a process. Few runs have more than one attempt. */
function countUnstarted(store: TableStore, run: RunRow, attempt: AttemptRow | undefined): number {
  const before = attempt?.attempt ?? run.attempt + 1;
  if (before <= 1) return 0;
  const attempts = store.selectAttempts([attempt ?? run]);
  return attempts.filter((each) => each.attempt < before && each.start_time === null).length;
}
