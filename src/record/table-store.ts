import type { RunEvent } from "../core/event/event.ts";
import type { Home } from "../core/home.ts";
import type { NameQuestions } from "../core/port/name-questions.ts";
import type { ChainScope, WorkflowKey } from "../core/port/registry.ts";
import type { RunFilter, SessionFilter } from "../core/port/registry-lists.ts";
import type { LoggedEvent } from "../core/port/session-log.ts";
import type { RunStatus } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import type { ChainHead, LoggedLink } from "./chain.ts";
import type { HoldRows } from "./hold-rows.ts";
import type { Change } from "./projection/change.ts";
import type { CurrentRows } from "./projection/current-rows.ts";
import type {
  AliasMoveRow,
  AttemptRow,
  LoadRow,
  Rows,
  RunRow,
  TableName,
  VerdictRow,
  VersionRow,
  WriteRow,
} from "./rows.ts";

/** A place in a list: the values that it is sorted by, all descending. Sessions: their number; runs: `moment_seq` and their number. */
export type ListPlace = readonly number[];

export interface SessionRowFilter extends SessionFilter {
  /** Place in the list behind which the page begins. */
  after?: ListPlace;
}

/** `RunFilter` with its session looked up. */
export interface RunRowFilter extends Omit<RunFilter, "session"> {
  session_id?: string;
  after?: ListPlace;
}

/**
 * Durability of a transaction. `durable`: it survives a loss of power. `passing`: it may be lost then, as a whole, and
 * costs no flush. `brief`: durable, but given up soon while others write, as there is another one soon.
 */
export type WriteKind = "durable" | "passing" | "brief";

export interface RunCount {
  session_id: string;
  status: RunStatus;
  count: number;
}

/** The tables and their log, wherever they are kept. Rows of one table have the order of their insertion. */
export interface TableStore extends CurrentRows, NameQuestions {
  /** Stores all writes of `work` together, or none. Default: durable. */
  writeAtomically(work: () => void, kind?: WriteKind): void;
  /** Runs `work`, all of whose reads are of one moment. */
  readConsistently<T>(work: () => T): T;
  applyChange(change: Change): void;
  /** Returns the event's number and hash. */
  appendToLog(event: RunEvent): ChainHead;
  /** Reads the log behind a number, oldest first, of one session or of all. */
  readLog(position?: { after?: number; session?: string | undefined }): Iterable<LoggedEvent>;
  readLinks(scope: ChainScope): Iterable<LoggedLink>;
  readHead(): ChainHead | null;
  /** Oldest first; none where the tables are in no file. */
  homes(): Home[];
  settleHome(time: string): void;
  /** Numbers of the sessions that fit, newest first: far smaller than their rows. */
  sessionNumbers(filter: SessionRowFilter): number[];
  /** Numbers of the runs that fit, likewise. */
  runNumbers(filter: RunRowFilter): number[];
  /** Rows by their numbers, in the order of these. */
  selectNumbered<T extends TableName>(table: T, numbers: readonly number[]): Rows[T][];
  /** The rows whose `column` has one of `values`: value by value, each value's rows in their order. */
  selectIn<T extends TableName>(table: T, column: keyof Rows[T] & string, values: readonly string[]): Rows[T][];
  /** Some columns of every row, in the order of insertion. */
  selectColumns<T extends TableName, C extends keyof Rows[T] & string>(
    table: T,
    columns: readonly C[],
  ): Pick<Rows[T], C>[];
  /** Attempts of these runs, run by run. */
  selectAttempts(runs: readonly Pick<RunRow, "session_id" | "run">[]): AttemptRow[];
  /** Finds, for each question, writers of the dataset whose run_ids sort before `run_id`, the last of them first. */
  writersBefore(questions: readonly Pick<VersionRow, "dataset" | "run_id">[], limit: number): RunId[][];
  /** Versions of these names whose writers' run_ids begin with their name and a `-`. */
  adoptedAs(versions: readonly string[]): VersionRow[];
  /**
   * Finds, for each content, versions whose name is the dataset's, or begins with it and an `@`, by their writers'
   * run_ids.
   */
  versionsOfContent(contents: readonly { dataset: string; hash: string }[]): VersionRow[];
  /** The last write until a time at the location, at one of `folders`, or at a file below it. */
  lastWrite(location: string, folders: readonly string[], until: string): WriteRow | undefined;
  /** Every load, in the order of insertion. */
  readLoads(): Iterable<LoadRow>;
  /** Rows in the order of insertion. */
  aliasMoves(): AliasMoveRow[];
  /** Rows in the order of insertion. */
  verdicts(): VerdictRow[];
  /** Ids that begin with `prefix`, the whole id alone if there is such a one. */
  idsBeginning(table: "sessions" | "attempts", prefix: string): string[];
  /** Ids that end with `ending`. */
  idsEnding(table: "sessions" | "attempts", ending: string): string[];
  /** Changes when another process has written. */
  othersMark(): string;
  /** Newest first. */
  attemptsLike(fingerprint: string, limit: number): RunId[];
  /** The newest succeeded attempt that has a fingerprint. */
  latestFingerprinted(workflow: WorkflowKey, run: string): AttemptRow | undefined;
  /** Holds, which are no part of the log: no other row follows from them. */
  holds: HoldRows;
  countRuns(sessionIds: readonly string[]): RunCount[];
  close(): void;
}
