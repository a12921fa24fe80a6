import { closeSync, existsSync, readSync, watch } from "node:fs";
import type { StateLocation } from "../../compose/locate-state.ts";
import { TERMINAL_STATUSES } from "../../core/run.ts";
import { showName } from "../../explain/show-name.ts";
import { openPlainFile } from "../../processes/read-record.ts";
import { attemptLog } from "../../versions/layout.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { type Fallback, findNamed } from "../find/find-named.ts";
import { findStartedRun, listStartedRuns, type StartedRun } from "../find/find-run.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { writeJson, writeLines } from "../terminal.ts";

export interface LogsFlags extends RegistryFlag {
  session?: string;
  follow?: boolean;
  json?: boolean;
}

interface Log {
  run: StartedRun;
  file: string;
}

const CHUNK_BYTES = 64 << 10;

/** `runweave logs RUN|SESSION`: of a session, the logs of its runs one after the other. */
export async function showLogs(word: string, flags: LogsFlags): Promise<ExitCode> {
  const { logs, fallback } = readRegistry(flags, (reader, state) => {
    const named = findNamed(reader, word, { takes: "run", session: flags.session });
    const runs = named.kind === "session" ? listStartedRuns(reader, named.sessionId) : [];
    // The log of a session's only run is the one that `logs RUN` prints.
    if (runs.length > 1) return { logs: runs.map((run) => locateLog(state, run)), fallback: null };
    const { run, fallback } = findStartedRun(reader, word, { session: flags.session });
    return { logs: [locateLog(state, run)], fallback };
  });
  const [only, ...others] = logs;
  if (only !== undefined && others.length === 0) return await showLog(only, fallback, flags);
  if (flags.follow) {
    const hint = `name one of them: ${logs.map(({ run }) => showName(run.run)).join(", ")}`;
    throw new CliError("invalid-usage", "--follow takes one run", { hint });
  }
  if (flags.json) writeJson({ logs: logs.map(toJson), fallback });
  else for (const log of logs) showOneOfMany(log);
  return 0;
}

function locateLog(state: StateLocation, run: StartedRun): Log {
  return { run, file: attemptLog(state, run.run_id) };
}

async function showLog(log: Log, fallback: Fallback | null, flags: LogsFlags): Promise<ExitCode> {
  const { run, file } = log;
  if (!existsSync(file)) throw new CliError("no-log", `there is no log at ${file}`);
  if (flags.json) {
    writeJson({ ...toJson(log), fallback });
    return 0;
  }
  const offset = copyToStdout(file, 0);
  if (flags.follow && !TERMINAL_STATUSES.has(run.status)) await follow(file, { offset, runId: run.run_id, flags });
  return 0;
}

/** With a header, as `tail` prints several files. */
function showOneOfMany({ run, file }: Log): void {
  writeLines(process.stdout, [`==> ${showName(run.run)} (${run.run_id}) <==`]);
  if (existsSync(file)) copyToStdout(file, 0);
  else writeLines(process.stderr, [`there is no log at ${file}`]);
  writeLines(process.stdout, [""]);
}

function toJson({ run: { run, run_id }, file }: Log) {
  return { run, run_id, file, lines: existsSync(file) ? readLines(file) : [] };
}

function readLines(file: string): string[] {
  const chunks: Buffer[] = [];
  readFrom(file, 0, (chunk) => chunks.push(Buffer.from(chunk)));
  const lines = Buffer.concat(chunks).toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function copyToStdout(file: string, offset: number): number {
  return readFrom(file, offset, (chunk) => process.stdout.write(chunk));
}

/** Reads what stands behind `offset`; returns the new end. */
function readFrom(file: string, offset: number, take: (chunk: Buffer) => void): number {
  const fd = openLogFile(file);
  if (fd === null) return offset;
  try {
    for (let position = offset; ; ) {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const bytes = readSync(fd, chunk, 0, CHUNK_BYTES, position);
      if (bytes === 0) return position;
      take(chunk.subarray(0, bytes));
      position += bytes;
    }
  } finally {
    closeSync(fd);
  }
}

/** A command may have put anything in the place of its log. */
function openLogFile(file: string): number | null {
  try {
    return openPlainFile(file);
  } catch (error) {
    throw new CliError("no-log", `the log can't be read: ${(error as Error).message}`);
  }
}

/** Prints what is appended until the run has ended. */
async function follow(file: string, from: { offset: number; runId: string; flags: RegistryFlag }): Promise<void> {
  let { offset } = from;
  const ended = Promise.withResolvers<void>();
  const look = () => {
    offset = copyToStdout(file, offset);
    const status = readRegistry(from.flags, (reader) => reader.findRun(from.runId)?.status ?? "failed");
    if (TERMINAL_STATUSES.has(status)) ended.resolve();
  };
  const watcher = watch(file, look);
  // The registry's change does not touch the log, so look there now and then as well.
  const timer = setInterval(look, 500);
  await ended.promise;
  watcher.close();
  clearInterval(timer);
  copyToStdout(file, offset);
}
