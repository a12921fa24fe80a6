import { RegistryError, SessionLostError } from "../../core/error/registry-error.ts";
import type { ChainLink } from "../../core/port/registry.ts";
import type { SessionId } from "../../core/run-id.ts";
import { checkLink, type LoggedLink } from "../chain.ts";
import { projectEvent } from "../projection/event.ts";
import type { AttemptRow, SessionRow } from "../rows.ts";
import type { Connection } from "../sqlite/connection.ts";
import { readLinks } from "../sqlite/log.ts";
import { createSqliteTables } from "../sqlite/tables.ts";
import type { TableStore } from "../table-store.ts";

/** An event that can't be read, or can't follow those before it. */
export interface Contradiction {
  seq: number;
  message: string;
}

const PUBLICATIONS_OF_OTHERS = `
  SELECT e.*, NULL AS previous, NULL AS previous_seq FROM events AS e
  WHERE e.type = 'dataset.published' AND e.session_id <> ? AND e.run_id IN (SELECT run_id FROM main.attempts) ORDER BY e.seq`;

/**
 * Makes the tables of a database that `openBeside` opened from the log, by the projection that made those of the
 * registry. With `session`, from the events of that one alone. `take` gets every link. Returns the first event that
 * contradicts the log before it; later events are not applied.
 */
export function replayLog(
  connection: Connection,
  session: SessionId | null,
  take: (link: ChainLink) => void,
): Contradiction | null {
  const tables = session === null ? createSqliteTables(connection) : besideOthers(connection, session);
  return applyAll(tables, readLinks(connection, session === null ? {} : { session }), take);
}

/** Applies what other sessions have published of the attempts of `session`, which they reused. It takes a look at the whole log. */
export function replayPublications(connection: Connection, session: SessionId): Contradiction | null {
  const links = connection.prepare(PUBLICATIONS_OF_OTHERS).all(session) as unknown as LoggedLink[];
  return applyAll(besideOthers(connection, session), links);
}

function applyAll(
  tables: TableStore,
  links: Iterable<LoggedLink>,
  take: (link: ChainLink) => void = () => {},
): Contradiction | null {
  let contradiction: Contradiction | null = null;
  for (const logged of links) {
    const link = checkLink(logged);
    take(link);
    contradiction ??= apply(tables, link);
  }
  return contradiction;
}

function apply(tables: TableStore, { seq, event }: ChainLink): Contradiction | null {
  if (event === null) return { seq, message: "it can't be read" };
  try {
    for (const change of projectEvent({ seq, event }, tables)) tables.applyChange(change);
    return null;
  } catch (error) {
    // The disk may be full, or the file be damaged: the log is not to blame.
    if (error instanceof RegistryError && !(error instanceof SessionLostError)) throw error;
    return { seq, message: (error as Error).message };
  }
}

/** The tables of one session. What its events name of other sessions is taken as the registry has it. */
function besideOthers(connection: Connection, session: SessionId): TableStore {
  const tables = createSqliteTables(connection);
  const find = (table: "sessions" | "attempts", key: string, id: string) =>
    connection.prepare(`SELECT * FROM recorded.${table} WHERE ${key} = ? AND session_id <> ?`).get(id, session);
  return {
    ...tables,
    findSessionRow: (id) => tables.findSessionRow(id) ?? (find("sessions", "session_id", id) as SessionRow | undefined),
    findAttemptRow: (id) => tables.findAttemptRow(id) ?? (find("attempts", "run_id", id) as AttemptRow | undefined),
  };
}
