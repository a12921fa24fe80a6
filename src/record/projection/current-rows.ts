import type { AttemptRow, DiscardRow, FormerRow, RequestRow, RunRow, SessionRow } from "../rows.ts";

/** The rows that an event may change, as they are. */
export interface CurrentRows {
  findSessionRow(sessionId: string): SessionRow | undefined;
  findRunRow(sessionId: string, run: string): RunRow | undefined;
  findAttemptRow(runId: string): AttemptRow | undefined;
  findDiscardRow(runId: string): DiscardRow | undefined;
  findFormerRow(key: Pick<FormerRow, "session_id" | "run_id" | "dataset">): FormerRow | undefined;
  /** Requests without an answer, oldest first. */
  findOpenRequests(sessionId: string): RequestRow[];
}
