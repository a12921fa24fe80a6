import type { RunEvent } from "../../core/event/event.ts";
import type { ChainScope } from "../../core/port/registry.ts";
import type { LoggedEvent } from "../../core/port/session-log.ts";
import { type ChainHead, hashLink, type LoggedLink, toEvent, toLogged } from "../chain.ts";
import type { Connection } from "./connection.ts";
import { explainingErrors } from "./error.ts";

const PAGE = 500;

type EventRow = { seq: number; session_id: string; type: string; time: string; body: string };

const INSERT = `INSERT INTO events (seq, session_id, run_id, type, time, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?)`;
/** Condition with the same words as the index, or SQLite does not use it. */
const ENDS = "e.type IN ('run.resolved', 'run.succeeded', 'run.failed')";
/** Likewise. */
const STATEMENTS =
  "e.type IN ('alias.set', 'alias.removed', 'version.tainted', 'version.cleared', 'version.confirmed', 'version.replaced')";

/** Within a transaction that no other process can write in, so that the chain never forks. */
export function appendToLog(connection: Connection, event: RunEvent): ChainHead {
  const head = readHead(connection);
  const last = head ?? connection.prepare("SELECT max(seq) AS seq FROM events").get();
  const logged = toLogged(event, Number(last?.seq ?? 0) + 1);
  const hash = hashLink(logged, head?.hash ?? null);
  const { seq, session_id, run_id, type, time, body } = logged;
  connection.prepare(INSERT).run(seq, session_id, run_id, type, time, body, hash);
  connection.prepare("INSERT OR REPLACE INTO chain_head VALUES (1, ?, ?)").run(seq, hash);
  return { seq, hash };
}

export function readHead({ prepare }: Connection): ChainHead | null {
  return (prepare("SELECT seq, hash FROM chain_head").get() as ChainHead | undefined) ?? null;
}

/** Page by page: an open statement would hold its moment of the database, and this connection could write no more. */
export function* readLog(
  connection: Connection,
  { after = 0, session }: { after?: number; session?: string | undefined } = {},
): Generator<LoggedEvent> {
  const condition = session === undefined ? "" : "session_id = ? AND";
  const sql = `SELECT seq, session_id, type, time, body FROM events WHERE ${condition} seq > ? ORDER BY seq LIMIT ?`;
  const bound = session === undefined ? [] : [session];
  for (const row of readPages<EventRow>(connection, { sql, bound, after })) {
    yield { seq: row.seq, event: explainingErrors(connection.path, () => toEvent(row)) };
  }
}

/** The links of a session, of the beginning and end of an attempt, of aliases and verdicts, or of all. */
export function* readLinks(connection: Connection, { session, run, statements }: ChainScope): Generator<LoggedLink> {
  const conditions = [
    ...(session === undefined ? [] : ["e.session_id = ? AND"]),
    ...(session !== undefined || run === undefined ? [] : [`e.run_id = ? AND ${ENDS} AND`]),
    ...(statements === undefined ? [] : [`${STATEMENTS} AND`]),
  ];
  const condition = conditions.join(" ");
  const sql = `SELECT e.*, p.hash AS previous, p.seq AS previous_seq FROM events AS e
    LEFT JOIN events AS p ON p.seq = e.seq - 1 WHERE ${condition} e.seq > ? ORDER BY e.seq LIMIT ?`;
  yield* readPages<LoggedLink>(connection, { sql, bound: [session ?? run ?? []].flat() });
}

function* readPages<Row extends { seq: number }>(
  connection: Connection,
  { sql, bound, after = 0 }: { sql: string; bound: string[]; after?: number },
): Generator<Row> {
  let last = after;
  for (;;) {
    const rows = connection.prepare(sql).all(...bound, last, PAGE) as Row[];
    yield* rows;
    last = rows.at(-1)?.seq ?? last;
    if (rows.length < PAGE) return;
  }
}
