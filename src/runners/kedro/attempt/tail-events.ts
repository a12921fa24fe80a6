import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { AttemptSignal } from "../../../core/event/attempt-event.ts";
import { parseEventLine } from "./event-line.ts";

const CHUNK_BYTES = 64 * 1024;
const MAX_LINE_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** Follows the events that an attempt's processes append to its folder. */
export class EventTail {
  readonly #path: string;
  readonly #onSignal: (signal: AttemptSignal) => void;
  #fd: number | null = null;
  #rest = Buffer.alloc(0);
  #isOverlong = false;
  #told: number;
  /** Lines that the protocol does not know. */
  skippedLines = 0;

  /** The first `told` events are not reported: they were before. */
  constructor(attemptFolder: string, onSignal: (signal: AttemptSignal) => void, told = 0) {
    this.#told = told;
    this.#path = join(attemptFolder, "events");
    this.#onSignal = onSignal;
  }

  /** Reports every line that was finished since the last look. */
  read(): void {
    this.#fd ??= openEvents(this.#path);
    if (this.#fd === null) return;
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let read = CHUNK_BYTES; read === CHUNK_BYTES; ) {
      read = readSync(this.#fd, buffer, 0, CHUNK_BYTES, null);
      this.#take(buffer.subarray(0, read));
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      this.#finishLine(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
    this.#rest = Buffer.concat([this.#rest, rest]);
    if (this.#rest.length <= MAX_LINE_BYTES) return;
    this.#isOverlong = true;
    this.#rest = Buffer.alloc(0);
  }

  #finishLine(end: Buffer): void {
    const line = Buffer.concat([this.#rest, end]);
    const signal = this.#isOverlong || line.length > MAX_LINE_BYTES ? null : parseEventLine(line.toString("utf8"));
    this.#rest = Buffer.alloc(0);
    this.#isOverlong = false;
    // A writer that saw another one's line half written begins its own on a new one.
    if (line.length === 0) return;
    if (signal === null) this.skippedLines += 1;
    else if (this.#told > 0) this.#told -= 1;
    else this.#onSignal(signal);
  }
}

/** Null if the file does not exist yet, or is no plain file. */
function openEvents(path: string): number | null {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    return null;
  } catch {
    return null;
  }
}
