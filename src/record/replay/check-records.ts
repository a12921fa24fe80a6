import type { ChainLink } from "../../core/port/registry.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { ChainHead } from "../chain.ts";
import { type Connection, connect } from "../sqlite/connection.ts";
import { readHead } from "../sqlite/log.ts";
import { openBeside } from "../sqlite/open-database.ts";
import { compareTables, type RecordDifference } from "./compare-tables.ts";
import { type Contradiction, replayLog, replayPublications } from "./replay-log.ts";

/** The tables of a registry, compared with its log. */
export interface RecordCheck {
  /** Rows that differ from the log; empty after a contradiction, as a comparison is impossible then. */
  differences: RecordDifference[];
  contradiction: Contradiction | null;
  /** The last event of the log. Null if there is none. */
  last: { seq: number; hash: string | null } | null;
  /** Last event by the registry's own record. */
  head: ChainHead | null;
  /** Mark of the session's log, as `MarkLog` made it; null for the whole registry, and for a session without one. */
  mark: string | null;
}

/** The tables whose rows another session's publication may have added. */
const PUBLISHED: ReadonlySet<string> = new Set(["publications", "writes"]);

/**
 * Replays the log of the registry at `path`, into a temporary file, and compares every table with the result: of the
 * whole registry, or of one session. Both are read at one moment, even while others write. `take` gets every link of
 * the log that is replayed, in order. Throws RegistryError if the registry can't be read.
 */
export function checkRecords(
  path: string,
  session: SessionId | null,
  take: (link: ChainLink) => void = () => {},
): RecordCheck {
  const connection = connect(path, openBeside);
  try {
    return connection.read(() => {
      const contradiction = replayLog(connection, session, take);
      const head = readHead(connection);
      const last = connection.prepare("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").get();
      const about = {
        head,
        last: (last as RecordCheck["last"] | undefined) ?? null,
        mark: readMark(connection, session),
      };
      if (contradiction !== null) return { differences: [], contradiction, ...about };
      return { ...compare(connection, session), ...about };
    });
  } finally {
    connection.close();
  }
}

function readMark(connection: Connection, session: SessionId | null): string | null {
  // A registry of an older version has no such column.
  const row = connection.prepare("SELECT * FROM recorded.sessions WHERE session_id = ?").get(session);
  return (row as { mark?: string | null } | undefined)?.mark ?? null;
}

function compare(
  connection: Connection,
  session: SessionId | null,
): Pick<RecordCheck, "differences" | "contradiction"> {
  const differences = compareTables(connection, session);
  const mayBePublished = differences.some(({ table, kind }) => kind === "added" && PUBLISHED.has(table));
  if (session === null || !mayBePublished) return { differences, contradiction: null };
  const contradiction = replayPublications(connection, session);
  return { differences: contradiction === null ? compareTables(connection, session) : [], contradiction };
}
