import { readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import type { Problem } from "../core/error/problem.ts";
import { foldLine } from "../report/fold-line.ts";
import { renderProblems } from "../report/result/problems.ts";
import { createShortIds, type ShowIds, shortenHashes, showWholeIds } from "../report/text/short-ids.ts";

/** Look of a stream's output: for people at a terminal, or plain. */
export interface Look {
  color: boolean;
  /** Null where lines have no limit. */
  columns: number | null;
  isTerminal: boolean;
  ids: ShowIds;
}

/** Form of ids for people: short or whole. */
let ids = createShortIds();

let showHashes = shortenHashes;

/** Chooses the form of ids and hashes for a command line: whole with `--full-ids`, else short. */
export function chooseIds(full: boolean): void {
  ids = full ? showWholeIds : createShortIds();
  showHashes = full ? (text) => text : shortenHashes;
}

/** Colour only on a terminal, and not if NO_COLOR or TERM=dumb say otherwise; FORCE_COLOR overrules. */
export function lookOf(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv = process.env): Look {
  const isTerminal = stream.isTTY === true;
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  const wanted = isTerminal && !NO_COLOR && TERM !== "dumb";
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== "0" && FORCE_COLOR !== "";
  return { color: forced || wanted, columns: isTerminal ? stream.columns : null, isTerminal, ids };
}

export function writeLines(stream: NodeJS.WriteStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${ids(lines).join("\n")}\n`);
}

/** Writes an answer in sentences, which ends with a line feed. On a terminal, long lines are folded and hashes are short. */
export function writeText(stream: NodeJS.WriteStream, text: string): void {
  const { columns } = lookOf(stream);
  const lines = ids(text.split("\n")).map(showHashes);
  stream.write(lines.flatMap((line) => (columns === null ? [line] : foldLine(line, columns))).join("\n"));
}

/** Problems for people, each with the line that it is about. */
export function writeProblems(stream: NodeJS.WriteStream, problems: readonly Problem[]): void {
  writeLines(stream, renderProblems(problems, { ...lookOf(stream), readLine: createLineReader() }));
}

/** Reads each file once. */
function createLineReader(): (file: string, line: number) => string | null {
  const files = new Map<string, string[]>();
  return (file, line) => {
    if (!files.has(file)) files.set(file, readLines(file));
    return files.get(file)?.[line - 1] ?? null;
  };
}

function readLines(file: string): string[] {
  try {
    // The problem may be that the path is a pipe: reading that would wait without end.
    return statSync(file).isFile() ? readFileSync(file, "utf8").split(/\r?\n/) : [];
  } catch {
    return [];
  }
}

/** True if a user at a terminal can be asked. */
export function canAsk({ json }: { json?: boolean | undefined }): boolean {
  return json !== true && process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** True if the user at the terminal says yes. Every other answer means no; so do the end of the input and the signal. */
export async function askConsent(question: string, signal: AbortSignal): Promise<boolean> {
  // The terminal keeps its mode, so that Ctrl-C sends the usual signal.
  const prompt = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  const closed = new Promise<string>((resolve) => prompt.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([prompt.question(`${question} [y/N] `, { signal }), closed]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    prompt.close();
  }
}
