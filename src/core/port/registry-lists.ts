import type { RunRecord, RunStatus, SessionRecord, SessionStatus } from "../run.ts";
import type { RunId, SessionId } from "../run-id.ts";

/** A session without its runs, for lists. */
export interface SessionSummary extends Omit<SessionRecord, "runs"> {
  run_counts: Partial<Record<RunStatus, number>>;
}

/** A run of a session in one line: the latest attempt of it, which is of another session if its result was reused. */
export interface RunLine {
  /** Null until its first attempt. */
  run_id: RunId | null;
  session_id: SessionId;
  workflow: string;
  run: string;
  /** 0 before the first. */
  attempt: number;
  status: RunStatus;
  start_time: string | null;
  end_time: string | null;
  duration_ms: number | null;
}

export interface RunFilter {
  workflow?: string;
  /** The file of the workflow, as two may have one name; null for sessions without one. */
  workflow_file?: string | null;
  /** A session, in the words that `findSession` takes. */
  session?: string;
  status?: RunStatus;
  /** ISO, UTC: runs that started, or were declared, at or after it. */
  since?: string;
  /** Tags of the listed runs; a filter without a value matches any value. */
  tags?: readonly TagFilter[];
  limit?: number;
}

export interface SessionFilter {
  workflow?: string;
  /** The file of the workflow, as in `RunFilter`. */
  workflow_file?: string | null;
  /** One of several, if it is a list. */
  status?: SessionStatus | readonly SessionStatus[];
  since?: string;
  /** ISO, UTC: sessions that started at or before it. */
  until?: string;
  /** Sessions that were recorded after this one, whatever the clock said. */
  later_than?: SessionId;
  limit?: number;
}

export interface TagFilter {
  key: string;
  value: string | null;
}

/** Part of a list: so many entries behind a place in it. */
export interface PageRequest {
  /** The `next` of the page before; null for the first page. */
  after: string | null;
  /** Number of entries, at least 1. */
  limit: number;
}

/** One page of a list. */
export interface Page<T> {
  items: T[];
  /** Opaque cursor; null on the last page. Entries that are added to the list later do not move it. */
  next: string | null;
}

/**
 * Lists, newest first: in the order of the log, as the clock may be put back. A time is asked of the entries alone, by
 * `since` and `until`.
 */
export interface RegistryLists {
  /** Sessions by the record of their start, which stays. */
  sessionPage(filter: Omit<SessionFilter, "limit">, page: PageRequest): Page<SessionSummary>;
  /** Runs by the beginning of their latest attempt: one that begins another attempt meanwhile moves to the front. */
  runPage(filter: Omit<RunFilter, "limit">, page: PageRequest): Page<RunLine>;
  /** Every session that fits. */
  listSessions(filter?: SessionFilter): SessionSummary[];
  /** The whole record of every run that fits. */
  listRuns(filter?: RunFilter): RunRecord[];
  /** The same list bit by bit, so that a long one needs little memory: what is in it is settled when it is begun. */
  runPages(filter?: RunFilter): Iterable<RunRecord[]>;
}
