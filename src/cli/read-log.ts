import { closeSync, readSync } from "node:fs";
import type { RunId } from "../core/run-id.ts";
import { openPlainFile } from "../processes/read-record.ts";
import { type LogPiece, LogSplitter } from "../report/log/split-log.ts";
import { CliError } from "./errors.ts";

const CHUNK_BYTES = 64 << 10;

/** Reads a run's log while it grows: each read goes on where the last one ended. */
export class LogReader {
  readonly #file: string;
  readonly #splitter: LogSplitter;
  #offset = 0;

  constructor(file: string, runId: RunId) {
    this.#file = file;
    this.#splitter = new LogSplitter(runId);
  }

  /** Hands over what has been added since. */
  read(take: (piece: LogPiece) => void): void {
    const fd = openLogFile(this.#file);
    if (fd === null) return;
    try {
      for (;;) {
        const chunk = Buffer.alloc(CHUNK_BYTES);
        const bytes = readSync(fd, chunk, 0, CHUNK_BYTES, this.#offset);
        if (bytes === 0) return;
        this.#offset += bytes;
        for (const piece of this.#splitter.push(chunk.subarray(0, bytes))) take(piece);
      }
    } finally {
      closeSync(fd);
    }
  }

  /** Reads to the end, with the unfinished line behind the last whole one. */
  finish(take: (piece: LogPiece) => void): void {
    this.read(take);
    for (const piece of this.#splitter.end()) take(piece);
  }
}

/** Opens the log; null if there is none. Throws CliError if a command has put something else in its place. */
function openLogFile(file: string): number | null {
  try {
    return openPlainFile(file);
  } catch (error) {
    throw new CliError("no-log", `the log can't be read: ${(error as Error).message}`);
  }
}
