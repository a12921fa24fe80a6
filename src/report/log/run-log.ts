import { closeSync } from "node:fs";
import { join } from "node:path";
import { type Logger, pino } from "pino";
import type { RunEvent } from "../../core/event/event.ts";
import type { Reporter } from "../../core/port/reporter.ts";
import type { RunId } from "../../core/run-id.ts";
import { type OutputStream, openWarnings } from "../live/output-stream.ts";
import { type LogBindings, type LogLine, toLogLine } from "./log-line.ts";

/** Files of logs: the run's own processes append to the same files. */
export interface LogFiles {
  /** The caller closes it. */
  open(path: string): number;
  /** Appends a line in one write. */
  append(fd: number, line: string): void;
}

interface RunLogOptions {
  stderr: OutputStream;
  files: LogFiles;
  /** Folder of `run_<run_id>.log` before `run.started` has named the file. Default: lines wait for that event. */
  logsFolder?: string;
}

interface OpenLog {
  fd: number;
  logger: Logger;
}

/**
 * Appends what happens to each attempt to its run's log, as JSON lines among what the run itself prints. A log that
 * can't be written costs one warning on stderr, never the session.
 */
export function createRunLog(options: RunLogOptions): Reporter {
  return new RunLog(options);
}

class RunLog implements Reporter {
  readonly #logsFolder: string | null;
  readonly #files: LogFiles;
  readonly #warn: (message: string) => void;
  readonly #logs = new Map<RunId, OpenLog>();
  readonly #waiting = new Map<RunId, LogLine[]>();
  /** One for all attempts, as making one takes longer than all lines of an attempt; it writes to the log at hand. */
  readonly #logger: Logger;
  #fd = -1;
  #hasWarned = false;

  constructor({ stderr, files, logsFolder }: RunLogOptions) {
    this.#logsFolder = logsFolder ?? null;
    this.#files = files;
    this.#warn = openWarnings(stderr);
    const options = { base: null, timestamp: false, formatters: { level: (level: string) => ({ level }) } };
    this.#logger = pino(options, { write: (line: string) => files.append(this.#fd, line) });
  }

  onEvent(event: RunEvent): void {
    const line = toLogLine(event);
    if (line === null) return;
    const { run_id } = line.bindings;
    // The log is opened when there is more to say: until then, thousands may wait for their turn.
    if (event.type === "run.resolved") this.#waiting.set(run_id, [line]);
    else this.#guard(() => this.#add(line, event.type === "run.started" ? event.log : null));
    if (isEnd(event)) this.#end(run_id);
  }

  close(): void {
    for (const runId of [...this.#logs.keys()]) this.#end(runId);
    this.#waiting.clear();
  }

  #add(line: LogLine, named: string | null): void {
    const { run_id } = line.bindings;
    const lines = [...(this.#waiting.get(run_id) ?? []), line];
    const path = named ?? (this.#logsFolder && join(this.#logsFolder, `run_${run_id}.log`));
    let log = this.#logs.get(run_id);
    if (log === undefined && path !== null) {
      this.#waiting.delete(run_id);
      log = this.#open(path, line.bindings);
      this.#logs.set(run_id, log);
    }
    if (log === undefined) this.#waiting.set(run_id, lines);
    else this.#write(log, lines);
  }

  #open(path: string, bindings: LogBindings): OpenLog {
    return { fd: this.#files.open(path), logger: this.#logger.child(bindings) };
  }

  #write({ fd, logger }: OpenLog, lines: readonly LogLine[]): void {
    this.#fd = fd;
    for (const { level, fields, message } of lines) logger[level](fields, message);
  }

  #end(runId: RunId): void {
    this.#waiting.delete(runId);
    this.#close(runId);
  }

  #close(runId: RunId): void {
    const log = this.#logs.get(runId);
    this.#logs.delete(runId);
    if (log !== undefined) this.#guard(() => closeSync(log.fd));
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!this.#hasWarned) this.#warn(`no line was added to a run's log: ${String(error)}`);
      this.#hasWarned = true;
    }
  }
}

function isEnd({ type }: RunEvent): boolean {
  return type === "run.succeeded" || type === "run.failed" || type === "run.cancelled";
}
