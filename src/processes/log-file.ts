import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { openPlainFile } from "./read-record.ts";

/** Read too, as each line of ours asks how the file ends. */
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
const TAIL_BYTES = 64 * 1024;
/** A secret that begins before the tail ends within so much of it. */
const SPARE_BYTES = 16 * 1024;
const ESC = String.fromCharCode(27);
const BEL = String.fromCharCode(7);
/** Colours and cursor moves; titles and links, up to their terminator. */
const ESCAPE_SEQUENCE = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BEL}${ESC}\n]*(?:${BEL}|${ESC}\\\\)?)`, "g");

/**
 * Beginning of a session's own lines among a run's output; it stands behind output without a line end, if there is
 * some.
 */
const EVENT_LINE = /\{"level":"\w+","session_id":"/;
const NEWLINE = 10;

/** Opens a log for appending; the caller closes the descriptor. Its folder is made for this user alone. */
export function openLog(path: string): number {
  try {
    return openSync(path, APPEND, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, APPEND, 0o600);
  }
}

/** Returns the size of a log in bytes; 0 if it does not exist. */
export function logLength(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Adds a line of our own to a run's log. */
export function appendToLog(path: string, text: string): void {
  const fd = openLog(path);
  try {
    appendLine(fd, `[runweave] ${text}\n`);
  } finally {
    closeSync(fd);
  }
}

/** Adds a line to an open log in one write: a line of its own, though what was printed last has no end. */
export function appendLine(fd: number, line: string): void {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  const isOpen = size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE;
  writeSync(fd, isOpen ? `\n${line}` : line);
}

export interface TailOptions {
  /** Number of lines. */
  lines: number;
  /** The part before it is left out. */
  fromByte?: number;
  /** Takes secrets out of the text, before it is cut into lines. */
  hide: (text: string) => string;
}

/** The last lines of what a process printed to a log, without control bytes and without secrets; empty if there is no log. */
export function readLogTail(path: string, { lines: count, fromByte = 0, hide }: TailOptions): string {
  const fd = openOrNull(path);
  if (fd === null) return "";
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(fromByte, size - TAIL_BYTES - SPARE_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const text = buffer.toString("utf8", 0, readSync(fd, buffer, 0, buffer.length, start));
    const clean = hide(stripControls(text)).trimEnd();
    const lines = (start > fromByte ? dropBeginning(clean) : clean).split("\n");
    return lines
      .flatMap((line) => {
        const place = line.search(EVENT_LINE);
        return place === 0 ? [] : [place < 0 ? line : line.slice(0, place)];
      })
      .slice(-count)
      .join("\n");
  } finally {
    closeSync(fd);
  }
}

/** Leaves out the rest of a line whose beginning was not read: it may be the rest of a secret. */
function dropBeginning(text: string): string {
  const end = text.indexOf("\n");
  return text.slice(end >= 0 && end < SPARE_BYTES ? end + 1 : SPARE_BYTES);
}

function openOrNull(path: string): number | null {
  try {
    return openPlainFile(path);
  } catch {
    return null;
  }
}

/** Text that can't steer a terminal: no escape sequences, no control bytes but tab and newline. */
export function stripControls(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(ESCAPE_SEQUENCE, "")
    .replace(/(?![\n\t])\p{Cc}/gu, "");
}
