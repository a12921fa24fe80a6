import type { RunEvent } from "../event/event.ts";
import type { VersionVerdict } from "../event/verdict-event.ts";
import type { FingerprintParts } from "../fingerprint.ts";
import type { HoldQueue } from "../hold.ts";
import type { Home } from "../home.ts";
import type {
  EnvironmentFacts,
  ExceptionRecord,
  Pin,
  RunRecord,
  RunStatus,
  SessionRecord,
  VersionRecord,
} from "../run.ts";
import type { RunId, SessionId } from "../run-id.ts";
import type { Compensation, Discard, Former } from "../trash.ts";
import type { NameQuestions } from "./name-questions.ts";
import type { RegistryLists, RunLine } from "./registry-lists.ts";
import type { SessionFeed, SessionLog } from "./session-log.ts";

/** Identity of a workflow: other workflows may have the same name. */
export interface WorkflowKey {
  workflow: string;
  workflow_file: string | null;
}

/** A version together with its writer. */
export interface WrittenVersion extends VersionRecord {
  dataset: string;
  run_id: RunId;
}

/** A version, and the run that its writer was an attempt of. */
export interface ContentVersion extends WrittenVersion, WorkflowKey, Pick<RunRecord, "session_id" | "run"> {
  fingerprint: string | null;
}

/** A pin together with its reader. */
export interface ReadPin extends Pin {
  run_id: RunId;
}

/** A pin together with its reader and the attempt whose version it is. */
export interface Reading extends ReadPin {
  writer: RunId;
}

/** A version that an attempt loaded, and the time. */
export interface ReadVersion {
  run_id: RunId;
  dataset: string;
  version: string | null;
  location: string | null;
  node: string | null;
  time: string;
  /** Size of the data at that moment; null if they were not looked at. */
  bytes: number | null;
  hash: string | null;
}

/**
 * Move of an alias: from its time on the alias stands for the run's version of the dataset, or is removed if they are
 * null.
 */
export interface AliasMove {
  alias: string;
  dataset: string | null;
  run_id: RunId | null;
  time: string;
}

/** A run of a session for which an attempt stands: its own, or one of another session. */
export interface RunPlace {
  session_id: SessionId;
  workflow: string;
  run: string;
  run_id: RunId;
}

/** A version that was copied to the path that the project's own catalog gives it. */
export interface PublishedVersion {
  run_id: RunId;
  dataset: string;
  location: string;
  time: string;
}

/** An attempt in one line. */
export interface RunHead extends Omit<RunLine, "duration_ms"> {
  run_id: RunId;
}

/** Part of the log: that of one session, the beginning and end of one attempt, all aliases and verdicts, or all of it. */
export interface ChainScope {
  session?: SessionId;
  run?: RunId;
  statements?: true;
}

/** An attempt and what it has to do with others, as far as retention asks. */
export interface HeldAttempt extends Omit<HeldUse, "time"> {
  /** Time of the attempt's end; before that, of its start. ISO, UTC. */
  time: string;
  /** Size of all versions that the attempt saved; 0 if there are none. */
  bytes: number;
  /** True if the data existed before the registry knew of them. */
  is_adopted: boolean;
  /** State of the data if they are not in their place. */
  discarded: Discard["state"] | null;
}

/** A run of a session, and the attempt that stands for it. */
export interface HeldUse extends Pick<RunHead, "run_id" | "session_id" | "workflow" | "run" | "status"> {
  /** The file that says what the session runs, a workflow or a script; null if there is none. Tells workflows of one name apart. */
  source: string | null;
  time: string;
  /** Place in the log of the run's beginning in its session, or of its reuse: a higher one is newer, whatever the clock said. */
  seq: number;
}

/** Records that decide which data may be collected. */
export interface RetentionFacts {
  attempts: HeldAttempt[];
  /** Each run of each session with the attempt that stands for it: its own, or the one that was reused. */
  uses: HeldUse[];
  /** Pins of attempts to versions that other attempts saved. */
  reads: { reader: RunId; writer: RunId }[];
  /** Runs with the tag `keep`. */
  tagged: RunId[];
  /** Versions that aliases stand for now. */
  aliased: { alias: string; run_id: RunId }[];
  /** Sessions that go on, or that were cut off and not finished. */
  running: SessionId[];
}

/** An event of the log, checked against its hash and the one before. */
export interface ChainLink {
  /** Number of the event in the log, from 1. */
  seq: number;
  /** Null for what was logged before events had hashes, so a change could not be noticed. */
  hash: string | null;
  /** Fault of the event, as the end of a sentence. */
  fault: string | null;
  /** Null if it can't be read any more. */
  event: RunEvent | null;
}

/** An attempt, as far as the next one has to know it. */
export interface AttemptSummary {
  run: string;
  run_id: RunId;
  attempt: number;
  /** Status of this attempt; the run may have gone on since. */
  status: RunStatus;
  exception: ExceptionRecord | null;
}

/** Questions: heads, and records by their ids. The reads never wait for a writer. */
export interface RegistryReader extends NameQuestions, RegistryLists, SessionFeed {
  /**
   * Answers all questions of `work` at one moment; many questions at once take half the time so. `work` may not wait.
   */
  together<T>(work: () => T): T;
  /** Finds a session by its id, or by a beginning or an ending that one id has; `latest` is the newest. Null if there is none. */
  findSession(idOrPrefix: string): SessionRecord | null;
  /**
   * Returns where that is now what was recorded at a path, as the project may have been renamed since: answers of this reader tell
   * present places already. `moment`: the time of the record, or the id of its session or attempt.
   */
  placeNow(path: string, moment: string): string;
  /** A session by its whole id, without its runs. */
  findSessionHead(sessionId: SessionId): Omit<SessionRecord, "runs"> | null;
  /** Finds a run by its run_id, or by a beginning or an ending that one run_id has. Null if there is none. */
  findRun(idOrPrefix: string): RunRecord | null;
  /** The attempts with these whole run_ids, as far as there are such; cheap, for walks along pins. */
  findHeads(runIds: readonly string[]): RunHead[];
  /** The whole records of the attempts with these run_ids, as far as there are such. */
  findRecords(runIds: readonly RunId[]): RunRecord[];
  /** The runs of these sessions, session by session, in plan order. */
  runsOf(sessionIds: readonly SessionId[]): RunLine[];
  /** Every attempt of these runs, run by run, the first one first. */
  attemptsOf(runs: readonly Pick<RunHead, "session_id" | "run">[]): RunHead[];
  /** Every attempt of a session, in the order of their beginnings. */
  attemptsOfSession(sessionId: SessionId): AttemptSummary[];
  /** All pins of these attempts, attempt by attempt. */
  pinsOf(runIds: readonly RunId[]): ReadPin[];
  /** Versions that these attempts saved, attempt by attempt. */
  versionsOf(runIds: readonly RunId[]): WrittenVersion[];
  /**
   * Earlier attempts that saved a dataset before `run_id`: for each question, in their order, the newest `limit`,
   * newest first.
   */
  writersBefore(questions: readonly Pick<WrittenVersion, "dataset" | "run_id">[], limit: number): RunId[][];
  /** Attempts that were adopted as these versions, which are no run_ids, and what they saved. */
  adoptedAs(versions: readonly string[]): WrittenVersion[];
  /** Every version of each content that was saved under its name, or under its name with a format, oldest first. */
  versionsOfContent(contents: readonly { dataset: string; hash: string }[]): ContentVersion[];
  /** Versions that these attempts loaded, attempt by attempt, in order. A command does not tell. */
  loadsOf(runIds: readonly RunId[]): ReadVersion[];
  /** Versions that all attempts of a session, or of all sessions, loaded, in the order of the log. */
  loads(sessionId: SessionId | null): Iterable<ReadVersion>;
  /**
   * Finds for each question the attempt that wrote last, until a time, at a path that runs share, at a folder above it
   * or a file below it.
   */
  lastWriters(questions: readonly { location: string; until: string }[]): (RunId | null)[];
  /** Null if no attempt has run in it. */
  findEnvironment(digest: string): EnvironmentFacts | null;
  /** Every move of an alias, or of all, oldest first. */
  aliasMoves(alias?: string): AliasMove[];
  /** Verdicts on versions, oldest first. */
  verdicts(): VersionVerdict[];
  /** Runs that these attempts stand for, oldest first for each. */
  placesOf(runIds: readonly string[]): RunPlace[];
  /** Publications of these attempts, oldest first for each. */
  publicationsOf(runIds: readonly string[]): PublishedVersion[];
  /** Succeeded attempts with this fingerprint, the newest `limit`, newest first. */
  attemptsLike(fingerprint: string, limit: number): RunId[];
  /** The newest succeeded attempt with a fingerprint, of a run of this name in any session of the workflow in that file. */
  latestFingerprint(workflow: WorkflowKey, run: string): { run_id: RunId; parts: FingerprintParts } | null;
  /** Parts of an attempt's fingerprint; null if it has none. */
  fingerprintOf(runId: RunId): FingerprintParts | null;
  /**
   * Files that a session's publications replaced, oldest first, and the outcomes of the commands that take its runs
   * back.
   */
  undoingsOf(sessionId: SessionId): { formers: Former[]; compensations: Compensation[] };
  /** The whole registry as retention sees it: not for what is asked often. */
  retentionFacts(): RetentionFacts;
  /** States of data that are not in their place, for those of these attempts that have such data. */
  discardsOf(runIds: readonly string[]): Discard[];
  /** The pins of other attempts to what these attempts saved, writer by writer. */
  readersOf(runIds: readonly RunId[]): Reading[];
  /** The log's links, oldest first, each checked. */
  links(scope: ChainScope): Iterable<ChainLink>;
  /** The last event that has a hash: what follows it in the log, or what it says and is not there, was done by hand. */
  chainHead(): { seq: number; hash: string } | null;
  /** Lists the places of the state folder, oldest first; the last one is where it was written to last. */
  homes(): Home[];
  /** The log of events, oldest first, of one session or of all. */
  events(sessionId?: string): Iterable<RunEvent>;
}

/** The record of everything that happened: an append-only log of events, and tables that can be rebuilt from it. */
export interface Registry extends RegistryReader, SessionLog {
  /** Queue of acts that have places, or wait for them. */
  readonly holds: HoldQueue;
  /** Makes a copied state folder one of its own from `time` on, ISO in UTC. */
  settleHome(time: string): void;
  close(): void;
}
