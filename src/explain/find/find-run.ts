import type { NamedRun } from "../../core/name-questions.ts";
import type { RegistryReader } from "../../core/registry.ts";
import { lostRecord } from "../../core/registry-error.ts";
import type { RunRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { sayWhich } from "../../core/suggest.ts";
import { ExplainError } from "../explain-error.ts";
import { type Fallback, findNamed, type Wanted } from "./find-named.ts";
import { refuseArms } from "./refuse-unknown.ts";

/** The record of an attempt. */
export type StartedRun = RunRecord & { run_id: RunId };

export interface FoundRun {
  run: StartedRun;
  /** Null unless a name was found in an older session than the newest; it was told then. */
  fallback: Fallback | null;
}

/** Options of a command that takes one run. */
export interface RunChoice extends Pick<Wanted, "session" | "at"> {
  /** Besides an attempt that began, what the command needs of a run. */
  lacks?(run: NamedRun & { run_id: RunId }): string | null;
}

/**
 * One attempt, as a command line names it. A session stands for its run if it has one that will do. With `at`, the newest session
 * and attempt of that time.
 */
export function findStartedRun(reader: RegistryReader, word: string, { session, at, lacks }: RunChoice = {}): FoundRun {
  const tellLack = (run: NamedRun) =>
    run.run_id === null ? tellUnstarted(run) : (lacks?.({ ...run, run_id: run.run_id }) ?? null);
  const named = findNamed(reader, word, { takes: "run", session, at, lacks: tellLack });
  if (named.kind === "arms") refuseArms(word, named.arms);
  const run = named.kind === "run" ? named.run : findOnlyRun(reader, named.sessionId, tellLack);
  return { run: readStarted(reader, run), fallback: named.fallback };
}

export function tellUnstarted({ run_id }: NamedRun): string | null {
  return run_id === null ? "never started" : null;
}

/** The run of a session that was named instead of it. */
function findOnlyRun(
  reader: RegistryReader,
  sessionId: SessionId,
  tellLack: (run: NamedRun) => string | null,
): NamedRun {
  const runs = listRunsOf(reader, sessionId);
  const fit = runs.filter((run) => tellLack(run) === null);
  const [only = runs[0], ...others] = fit;
  if (only === undefined) throw new ExplainError("unknown-run", `session ${sessionId} has no runs`);
  if (others.length === 0) return only;
  const hint = `${sayWhich(fit.map(({ run }) => run))}, with --session ${sessionId}`;
  throw new ExplainError("unknown-run", `session ${sessionId} has ${fit.length} runs, and one is wanted`, hint);
}

/** The runs of a session of which an attempt began, in plan order. */
export function listStartedRuns(reader: RegistryReader, sessionId: SessionId): StartedRun[] {
  const runs = reader.findSession(sessionId)?.runs ?? [];
  return runs.flatMap(({ run_id, ...run }) => (run_id === null ? [] : [{ ...run, run_id }]));
}

/** The runs of a session, in plan order. */
function listRunsOf(reader: RegistryReader, sessionId: SessionId): NamedRun[] {
  const session = reader.findSession(sessionId);
  const session_time = session?.start_time ?? "";
  return (session?.runs ?? []).map(({ session_id, run, run_id, status }) => {
    return { session_id, session_time, run, run_id, status };
  });
}

function readStarted(reader: RegistryReader, named: NamedRun): StartedRun {
  const { session_id, run } = named;
  const record = readNamedRun(reader, named);
  const { run_id } = record;
  if (run_id !== null) return { ...record, run_id };
  const hint = `\`runweave show ${session_id}\` shows what became of it`;
  const message = `${run} of session ${session_id} never started: ${record.reason ?? record.status}`;
  throw new ExplainError("never-started", message, hint);
}

/** The whole record: as its session shows it, if that is the attempt that was named. */
export function readNamedRun(reader: RegistryReader, { session_id, run, run_id }: NamedRun): RunRecord {
  const shown = reader.findSession(session_id)?.runs.find((each) => each.run === run);
  const record = run_id === null || shown?.run_id === run_id ? shown : reader.findRun(run_id);
  if (record == null) throw lostRecord(`run ${run} of session ${session_id}`);
  return record;
}
