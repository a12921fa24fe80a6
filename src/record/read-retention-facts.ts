import type { HeldAttempt, HeldUse, RetentionFacts } from "../core/port/registry.ts";
import { isRunId, type RunId } from "../core/run-id.ts";
import type { SessionRow } from "./rows.ts";
import type { TableStore } from "./table-store.ts";

/** Reads table by table, column by column: a few questions, however many runs there are. */
export function readRetentionFacts(store: TableStore): RetentionFacts {
  const sessions = store.selectColumns("sessions", [...ORIGIN, "session_id", "status"]);
  const origins = new Map(
    sessions.map((session) => [session.session_id, { workflow: session.workflow, source: sourceOf(session) }]),
  );
  const runs = store.selectColumns("runs", [
    "session_id",
    "workflow",
    "run",
    "run_id",
    "status",
    "moment",
    "moment_seq",
  ]);
  const seqs = new Map(runs.map(({ session_id, run, moment_seq }) => [nameRun({ session_id, run }), moment_seq]));
  const attempts = readAttempts(store, { origins, seqs });
  return {
    attempts,
    uses: runs.flatMap(({ session_id, workflow, run, run_id, status, moment: time, moment_seq: seq }) =>
      run_id === null
        ? []
        : [{ session_id, workflow, source: origins.get(session_id)?.source ?? null, run, run_id, status, time, seq }],
    ),
    reads: readReads(store, new Set(attempts.map(({ run_id }) => run_id))),
    tagged: store
      .selectColumns("tags", ["run_id", "key", "value"])
      .flatMap(({ run_id, key, value }) => (key === "keep" && value !== null ? [run_id] : [])),
    aliased: readAliased(store),
    running: sessions.flatMap(({ session_id, status }) => (status === "running" ? [session_id] : [])),
  };
}

function nameRun({ session_id, run }: { session_id: string; run: string }): string {
  return `${session_id} ${run}`;
}

/** Identity of a session's workflow: other workflows may have the same name. */
type Origin = Pick<HeldUse, "workflow" | "source">;

const ORIGIN = ["workflow", "workflow_file", "command_line"] as const;
const NO_ORIGIN: Origin = { workflow: "", source: null };

/** A script has no workflow file: its own path is the first word of the command line. */
function sourceOf({ workflow_file, command_line }: Pick<SessionRow, "workflow_file" | "command_line">): string | null {
  const [script = null] = workflow_file === null ? (JSON.parse(command_line) as string[]) : [];
  return workflow_file ?? script;
}

/** `origins`: by session; `seqs`: of runs, by their names. */
function readAttempts(
  store: TableStore,
  { origins, seqs }: { origins: ReadonlyMap<string, Origin>; seqs: ReadonlyMap<string, number> },
): HeldAttempt[] {
  const versions = Map.groupBy(store.selectColumns("versions", ["run_id", "version", "bytes"]), ({ run_id }) => run_id);
  const discards = new Map(
    store.selectColumns("discards", ["run_id", "state"]).map(({ run_id, state }) => [run_id, state]),
  );
  const columns = ["run_id", "session_id", "run", "status", "resolved_time", "end_time"] as const;
  return store.selectColumns("attempts", columns).map(({ resolved_time, end_time, ...attempt }) => {
    const saved = versions.get(attempt.run_id) ?? [];
    const state = discards.get(attempt.run_id) ?? "restored";
    return {
      run_id: attempt.run_id,
      session_id: attempt.session_id,
      run: attempt.run,
      status: attempt.status,
      ...(origins.get(attempt.session_id) ?? NO_ORIGIN),
      time: end_time ?? resolved_time,
      seq: seqs.get(nameRun(attempt)) ?? 0,
      bytes: saved.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
      // A version of another run's is what it took over from an earlier attempt.
      is_adopted: saved.some(({ version }) => !isRunId(version)),
      discarded: state === "restored" ? null : state,
    };
  });
}

/** Reads versions that are run_ids alone, as adopted ones are never collected. */
function readReads(store: TableStore, known: ReadonlySet<RunId>): RetentionFacts["reads"] {
  return store.selectColumns("pins", ["run_id", "version", "rule"]).flatMap(({ run_id, version, rule }) => {
    const isWritten = rule !== "own" && version !== run_id && isRunId(version) && known.has(version);
    return isWritten ? [{ reader: run_id, writer: version }] : [];
  });
}

function readAliased(store: TableStore): RetentionFacts["aliased"] {
  const last = new Map(
    store.selectColumns("alias_moves", ["alias", "run_id"]).map((move) => [move.alias, move.run_id]),
  );
  return [...last].flatMap(([alias, run_id]) => (run_id === null ? [] : [{ alias, run_id }]));
}
