import type { RunEvent } from "../core/event.ts";
import type { RunFilter, SessionFilter } from "../core/registry.ts";
import type { RunStatus } from "../core/run.ts";
import type { Change } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import type { Rows, RunRow, SessionRow, TableName } from "./rows.ts";

/** `RunFilter` with its session looked up. */
export interface RunRowFilter extends Omit<RunFilter, "session"> {
  session_id?: string;
}

export interface RunCount {
  session_id: string;
  status: RunStatus;
  count: number;
}

/** The tables and their log, wherever they are kept. Rows of one table have the order of their insertion. */
export interface TableStore extends CurrentRows {
  /** All that `work` writes becomes durable together, or nothing does. */
  writeAtomically(work: () => void): void;
  /** Everything that `work` reads is of one moment. */
  readConsistently<T>(work: () => T): T;
  applyChange(change: Change): void;
  appendToLog(event: RunEvent): void;
  /** Oldest first, of one session or of all. */
  readLog(sessionId?: string): Iterable<RunEvent>;
  /** Newest first. */
  selectSessions(filter: SessionFilter): SessionRow[];
  /** Newest first. */
  selectRuns(filter: RunRowFilter): RunRow[];
  /** The rows whose `column` has one of `values`: value by value, each value's rows in their order. */
  selectIn<T extends TableName>(table: T, column: keyof Rows[T] & string, values: readonly string[]): Rows[T][];
  /** Ids that begin with `prefix`, the whole id alone if there is such a one. */
  idsBeginning(table: "sessions" | "attempts", prefix: string): string[];
  countRuns(sessionIds: readonly string[]): RunCount[];
  close(): void;
}
