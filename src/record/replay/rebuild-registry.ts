import { existsSync, rmSync } from "node:fs";
import { RegistryError } from "../../core/error/registry-error.ts";
import { type Connection, connect } from "../sqlite/connection.ts";
import { openBeside } from "../sqlite/open-database.ts";
import { compareTables, type RecordDifference } from "./compare-tables.ts";
import { type Contradiction, replayLog } from "./replay-log.ts";

/** Outcome of a rebuild. */
export interface Rebuilt {
  events: number;
  /** Links of the log that do not hold, by the number of their event. */
  faults: { seq: number; fault: string }[];
  /** Rows of the old registry that are not as the log says. */
  differences: RecordDifference[];
}

/** The log can't be replayed to its end. */
export class NotRebuiltError extends Error {
  readonly seq: number;

  constructor({ seq, message }: Contradiction) {
    super(`event ${seq} contradicts what was logged before it: ${message}`);
    this.name = "NotRebuiltError";
    this.seq = seq;
  }
}

/** Tables that the log does not tell of and that a rebuilt registry has too. Who has places is void. */
const COPIED = ["events", "chain_head", "homes"];

/** Statement that copies the marks of the sessions' logs: no event tells them. */
const COPY_MARKS =
  "UPDATE main.sessions AS s SET mark = (SELECT mark FROM recorded.sessions AS r WHERE r.session_id = s.session_id)";

/**
 * Makes a registry at `target` from the log of the one at `path`, which is only read, and compares the two. Throws NotRebuiltError if the log
 * contradicts itself, RegistryError if a file can't be used or `target` exists; then no new file is left.
 */
export function rebuildRegistry(path: string, target: string): Rebuilt {
  if (existsSync(target))
    throw new RegistryError("registry-unusable", `${target} is there already`, "name a file that does not exist yet");
  try {
    const connection = connect(path, () => openBeside(path, target));
    try {
      return rebuild(connection);
    } finally {
      connection.close();
    }
  } catch (error) {
    for (const ending of ["", "-wal", "-shm"]) rmSync(target + ending, { force: true });
    throw error;
  }
}

function rebuild(connection: Connection): Rebuilt {
  const faults: Rebuilt["faults"] = [];
  let events = 0;
  let differences: RecordDifference[] = [];
  connection.write(() => {
    for (const table of COPIED) connection.prepare(`INSERT INTO main.${table} SELECT * FROM recorded.${table}`).run();
    const contradiction = replayLog(connection, null, ({ seq, fault }) => {
      events += 1;
      if (fault !== null) faults.push({ seq, fault });
    });
    if (contradiction !== null) throw new NotRebuiltError(contradiction);
    connection.prepare(COPY_MARKS).run();
    differences = compareTables(connection, null);
  });
  return { events, faults, differences };
}
