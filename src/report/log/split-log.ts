import type { RunId } from "../../core/run-id.ts";

/** A line that runweave wrote to a run's log. */
export interface LoggedEvent {
  time: string;
  event: string;
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

/** Output of a run, byte for byte, or one line of runweave's own between. */
export type LogPiece = { printed: Buffer } | { logged: LoggedEvent };

const MARK = Buffer.from('{"level":"');
const LINE_FEED = 10;
/** No line of our own is longer. */
const MAX_LINE_BYTES = 8 << 20;

/**
 * Takes runweave's own lines out of a run's log, which comes in chunks. What a program prints without a line feed may stand
 * before such a line.
 */
export class LogSplitter {
  readonly #runId: RunId;
  #rest: Buffer = Buffer.alloc(0);

  constructor(runId: RunId) {
    this.#runId = runId;
  }

  push(chunk: Buffer): LogPiece[] {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const pieces: LogPiece[] = [];
    // Bytes before `from` are in a piece; bytes between the two were printed.
    let [from, at] = [0, 0];
    const takePrinted = (until: number) => {
      if (until > from) pieces.push({ printed: bytes.subarray(from, until) });
      from = until;
    };
    for (;;) {
      const start = bytes.indexOf(MARK, at);
      if (start === -1) {
        takePrinted(bytes.length - countBegun(bytes.subarray(at)));
        break;
      }
      const end = bytes.indexOf(LINE_FEED, start);
      if (end === -1 && bytes.length - start < MAX_LINE_BYTES) {
        takePrinted(start);
        break;
      }
      const logged = end === -1 ? null : this.#read(bytes.subarray(start, end).toString("utf8"));
      at = start + 1;
      if (logged === null) continue;
      takePrinted(start);
      pieces.push({ logged });
      from = at = end + 1;
    }
    this.#rest = bytes.subarray(from);
    return pieces;
  }

  /** Returns the bytes after the last whole line. */
  end(): LogPiece[] {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest.length === 0 ? [] : [{ printed: rest }];
  }

  #read(line: string): LoggedEvent | null {
    if (!line.includes(this.#runId)) return null;
    try {
      const { level: _, session_id, run: __, run_id, attempt, time, event, msg, ...fields } = JSON.parse(line);
      if (run_id !== this.#runId || typeof session_id !== "string" || typeof attempt !== "number") return null;
      if (![time, event, msg].every((value) => typeof value === "string")) return null;
      return { time, event, message: msg, fields };
    } catch {
      return null;
    }
  }
}

/** Counts the bytes at the end that may be the beginning of a line of our own. */
function countBegun(bytes: Buffer): number {
  for (let count = Math.min(MARK.length - 1, bytes.length); count > 0; count--) {
    if (bytes.subarray(bytes.length - count).equals(MARK.subarray(0, count))) return count;
  }
  return 0;
}
