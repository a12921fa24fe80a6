import { closeSync, existsSync, openSync, readSync, watch } from "node:fs";
import { type RunRecord, TERMINAL_STATUSES } from "../../core/run.ts";
import { attemptLog } from "../../versions/layout.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { findStartedRun } from "../find-run.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { writeJson } from "../terminal.ts";

export interface LogsFlags extends RegistryFlag {
  session?: string;
  follow?: boolean;
  json?: boolean;
}

const CHUNK_BYTES = 64 << 10;

/** `runweave logs RUN`: by run_id, or by name in the newest session. */
export async function showLogs(id: string, flags: LogsFlags): Promise<ExitCode> {
  const { run, file } = readRegistry(flags, (reader, state) => {
    const found = findStartedRun(reader, id, flags.session);
    return { run: found, file: attemptLog(state, found.run_id) };
  });
  if (!existsSync(file)) throw new CliError("no-log", `there is no log at ${file}`);
  if (flags.json) return printJson(run, file);
  const offset = copyToStdout(file, 0);
  if (flags.follow && !TERMINAL_STATUSES.has(run.status)) await follow(file, { offset, runId: run.run_id, flags });
  return 0;
}

function printJson({ run, run_id }: RunRecord, file: string): ExitCode {
  const chunks: Buffer[] = [];
  readFrom(file, 0, (chunk) => chunks.push(Buffer.from(chunk)));
  const lines = Buffer.concat(chunks).toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  writeJson({ run, run_id, file, lines });
  return 0;
}

function copyToStdout(file: string, offset: number): number {
  return readFrom(file, offset, (chunk) => process.stdout.write(chunk));
}

/** Reads what stands behind `offset`; returns the new end. */
function readFrom(file: string, offset: number, take: (chunk: Buffer) => void): number {
  const fd = openSync(file, "r");
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
