import type { RunEvent } from "../core/event.ts";
import type { Connection } from "./connection.ts";
import { explainingErrors } from "./sqlite-error.ts";

const PAGE = 500;

type EventRow = { seq: number; session_id: string; type: string; time: string; body: string };

export function appendToLog(connection: Connection, event: RunEvent): void {
  const { type, time, session_id, ...body } = event;
  const runId = "run_id" in event ? event.run_id : null;
  connection
    .prepare("INSERT INTO events (session_id, run_id, type, time, body) VALUES (?, ?, ?, ?, ?)")
    .run(session_id, runId, type, time, JSON.stringify(body));
}

/** Page by page: an open statement would hold its moment of the database, and this connection could write no more. */
export function* readLog(connection: Connection, sessionId?: string): Generator<RunEvent> {
  const condition = sessionId === undefined ? "" : "session_id = ? AND";
  const sql = `SELECT seq, session_id, type, time, body FROM events WHERE ${condition} seq > ? ORDER BY seq LIMIT ?`;
  const bound = sessionId === undefined ? [] : [sessionId];
  let last = 0;
  for (;;) {
    const rows = explainingErrors(connection.path, () =>
      connection.prepare(sql).all(...bound, last, PAGE),
    ) as EventRow[];
    for (const row of rows) yield toEvent(row);
    last = rows.at(-1)?.seq ?? last;
    if (rows.length < PAGE) return;
  }
}

function toEvent({ type, time, session_id, body }: EventRow): RunEvent {
  return { type, time, session_id, ...JSON.parse(body) } as RunEvent;
}
