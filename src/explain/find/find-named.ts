import type { NamedRun } from "../../core/port/name-questions.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import { type SessionId, timeOfRunId } from "../../core/run-id.ts";
import { ExplainError } from "../explain-error.ts";
import { findOnlyRun } from "./find-only-run.ts";
import { readStarted } from "./read-named-run.ts";
import { findTarget } from "./read-target.ts";
import { isMatrixOf, refuseArms, refuseNotThere, refuseUnknown } from "./refuse-unknown.ts";
import { describeUnsaved, savedOrThrow } from "./saved-output.ts";

/** The kind of target that a command takes, and the runs of one name that it can use. */
export interface Wanted {
  /**
   * Kind of the wanted name. With `run`, a run_id comes before a session_id; with `session`, a run is found so that the
   * command can name its session.
   */
  takes: "run" | "session" | "both";
  /** The session of `--session`: the word is looked for there and nowhere else. */
  session?: string | undefined;
  /** The moment that is asked about: ISO, UTC. */
  at?: string | undefined;
  /** Tells what a run lacks, as the end of a sentence ("never started"); null if the command can use it. */
  lacks?: ((run: NamedRun) => string | null) | undefined;
}

/** The named run is not of the newest session, where a name is looked for first. */
export interface Fallback {
  word: string;
  session_id: SessionId;
  newest_session_id: SessionId;
  /** Tells why the newest session was passed over, as the end of a sentence. */
  reason: string;
}

/** The session or run that a word of a command line stands for. */
export type Named =
  | { kind: "session"; sessionId: SessionId; fallback: null }
  /** `dataset` is what a version was named by; null if the run itself was named. */
  | { kind: "run"; run: NamedRun; dataset: string | null; fallback: Fallback | null }
  /** Runs of one session that a matrix's name means. */
  | { kind: "arms"; sessionId: SessionId; arms: NamedRun[]; fallback: Fallback | null };

/**
 * Finds what a word means: `latest`; a run's name, an arm's or a matrix's; a session_id or a run_id, or a beginning or
 * the last digits of one; or a version, `DATASET@RUN` or an alias, for the run that saved it. A name is of the newest
 * session that has such a run, preferably a complete one. Throws an ExplainError with a near miss if there is none.
 */
export function findNamed(reader: RegistryReader, word: string, wanted: Wanted): Named {
  return reader.together(() => {
    if (wanted.session !== undefined) return findWithin(reader, word, { ...wanted, session: wanted.session });
    if (word === "latest") return findNewest(reader, wanted);
    const found = findByName(reader, word, wanted) ?? findById(reader, word, wanted);
    return found ?? findSaver(reader, word, wanted) ?? refuseUnknown(reader, word, wanted);
  });
}

/** A session by its id, a part of it, or `latest`. Throws an ExplainError if there is none. */
export function findSessionById(reader: RegistryReader, id: string): SessionRecord {
  return reader.findSession(id) ?? refuseUnknown(reader, id, { takes: "session" });
}

function findNewest(reader: RegistryReader, { at }: Wanted): Named {
  const newest = newestSession(reader, at);
  if (newest !== null) return { kind: "session", sessionId: newest, fallback: null };
  const hint = "run a workflow first";
  throw new ExplainError("unknown-session", "the registry has no session", hint);
}

function newestSession(reader: RegistryReader, at: string | undefined): SessionId | null {
  const [newest] = reader.listSessions({ limit: 1, ...(at === undefined ? {} : { until: at }) });
  return newest?.session_id ?? null;
}

function findByName(reader: RegistryReader, word: string, { at, lacks = () => null }: Wanted): Named | null {
  const named = reader.runsNamed(word).filter(({ session_time }) => at === undefined || session_time <= at);
  const chosen = named.find((run) => lacks(run) === null) ?? named[0];
  if (chosen === undefined) return null;
  const newest = newestSession(reader, at) ?? chosen.session_id;
  const passedOver = named.find(({ session_id }) => session_id === newest);
  const reason = passedOver === undefined ? `has no run "${word}"` : `has one that ${lacks(passedOver)}`;
  const { session_id } = chosen;
  const fallback = session_id === newest ? null : { word, session_id, newest_session_id: newest, reason };
  const own = named.filter((run) => run.session_id === session_id);
  const exact = own.find(({ run }) => run === word);
  if (exact === undefined) return { kind: "arms", sessionId: session_id, arms: own, fallback };
  return { kind: "run", run: at === undefined ? exact : asOf(reader, exact, at), dataset: null, fallback };
}

/** The run with the attempt that was its last one then. */
function asOf(reader: RegistryReader, named: NamedRun, at: string): NamedRun {
  const attempts = reader.attemptsOf([named]);
  const begun = attempts.findLast(({ run_id }) => timeOfRunId(run_id) <= at);
  return begun === undefined ? named : { ...named, run_id: begun.run_id, status: begun.status };
}

/** A whole id, a beginning or an ending. */
function findById(reader: RegistryReader, word: string, { takes }: Wanted): Named | null {
  const asRun = () => nameAttempt(reader, reader.findRun(word));
  const asSession = (): Named | null => {
    const session = reader.findSession(word);
    return session === null ? null : { kind: "session", sessionId: session.session_id, fallback: null };
  };
  return takes === "run" ? (asRun() ?? asSession()) : (asSession() ?? asRun());
}

function nameAttempt(reader: RegistryReader, record: RunRecord | null): Named | null {
  const head = record === null ? null : reader.findSessionHead(record.session_id);
  return record === null || head === null
    ? null
    : { kind: "run", run: toNamedRun(record, head.start_time), dataset: null, fallback: null };
}

function toNamedRun({ session_id, run, run_id, status }: RunRecord, session_time: string): NamedRun {
  return { session_id, session_time, run, run_id, status };
}

/**
 * Finds a word in the session of `--session`: a run, an arm, a matrix, or an attempt that stands for one of its runs.
 */
function findWithin(reader: RegistryReader, word: string, wanted: Wanted & { session: string }): Named {
  const session = findSessionById(reader, wanted.session);
  const named = (record: RunRecord) => toNamedRun(record, session.start_time);
  const exact = session.runs.find(({ run }) => run === word);
  if (exact !== undefined) return { kind: "run", run: named(exact), dataset: null, fallback: null };
  const arms = session.runs.filter(({ run }) => isMatrixOf(word, run)).map(named);
  if (arms.length > 0) return { kind: "arms", sessionId: session.session_id, arms, fallback: null };
  const attempt = findAttemptOf(reader, session, word);
  if (attempt === null) return findSaver(reader, word, wanted) ?? refuseNotThere(reader, word, session);
  return { kind: "run", run: named(attempt), dataset: null, fallback: null };
}

/** The run that saved a version. Throws ExplainError if the run is there, but has not saved that dataset. */
function findSaver(reader: RegistryReader, word: string, { session, at }: Wanted): Named | null {
  const target = findTarget(reader, word, at);
  if (target === null) return null;
  const { dataset } = target;
  const lacks = (run: NamedRun) => describeUnsaved(reader, run, dataset);
  const named = findNamed(reader, target.word, { takes: "run", session, at, lacks });
  if (named.kind === "arms") refuseArms(target.word, named.arms);
  const run = named.kind === "run" ? named.run : findOnlyRun(reader, named.sessionId, lacks);
  savedOrThrow(readStarted(reader, run), dataset);
  return { kind: "run", run, dataset, fallback: named.fallback };
}

/** An attempt of the session itself, or one of another session that was reused in it. */
function findAttemptOf(reader: RegistryReader, session: SessionRecord, word: string): RunRecord | null {
  const record = reader.findRun(word);
  if (record === null) return null;
  const shown = session.runs.find(({ run_id }) => run_id === record.run_id);
  return shown ?? (record.session_id === session.session_id ? record : null);
}

/** Lists the words that were found in an older session; null stands for a word that was not. */
export function listFallbacks(...fallbacks: readonly (Fallback | null)[]): Fallback[] {
  return fallbacks.filter((fallback) => fallback !== null);
}
