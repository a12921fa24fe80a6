import { existsSync, watch } from "node:fs";
import type { Command } from "commander";
import { readRegistry } from "../../../compose/actions/context.ts";
import { type FoundLog, findLogs } from "../../../compose/actions/look/find-logs.ts";
import { TERMINAL_STATUSES } from "../../../core/run.ts";
import { showName } from "../../../explain/text/show-name.ts";
import { foldLine } from "../../../report/fold-line.ts";
import { createOutputFolder } from "../../../report/log/fold-output.ts";
import { renderLoggedEvent } from "../../../report/log/logged-event-line.ts";
import type { LoggedEvent, LogPiece } from "../../../report/log/split-log.ts";
import { createTerminalFilter } from "../../../report/text/terminal-filter.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, RUN, registry, session } from "../../declare/options.ts";
import { CliError, type ExitCode } from "../../errors.ts";
import { LogReader } from "../../read-log.ts";
import { type Look, lookOf, writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `logs`. */
export function declareLogs(command: Command, done: Done): void {
  command
    .argument("<run>", `${RUN}; a session stands for all its runs`)
    .addOption(session())
    .option("-f, --follow", "go on printing until the run has ended")
    .option("--events", "show runweave's own lines too, each with its time")
    .option("--raw", "on a terminal too, print every byte as it is: a program may have printed what moves the cursor")
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave logs train --follow", "as it prints"],
        ["runweave logs latest", "all runs of a session"],
      ),
    )
    .action(async (id, flags) => done(await showLogs(id, flags)));
}

export interface LogsFlags extends RegistryFlag {
  session?: string;
  follow?: boolean;
  /** Shows runweave's own lines too. */
  events?: boolean;
  /** Prints control sequences too, though a terminal would obey them. */
  raw?: boolean;
  json?: boolean;
}

/** `runweave logs RUN|SESSION`: of a session, the logs of its runs one after the other. */
export async function showLogs(id: string, flags: LogsFlags): Promise<ExitCode> {
  const { logs, fallbacks } = findLogs(flags, { ...flags, id }, toContext(flags));
  const [only, ...others] = logs;
  if (flags.follow && others.length > 0) {
    const hint = `name one of them: ${logs.map(({ run }) => showName(run.run)).join(", ")}`;
    throw new CliError("invalid-usage", "--follow takes one run", { hint });
  }
  if (only !== undefined && others.length === 0) refuseMissing(only);
  if (flags.json) writeAnswer("logs", { logs: logs.map((log) => toJson(log, flags)), fallbacks });
  else if (only !== undefined && others.length === 0) await showLog(only, flags);
  else for (const log of logs) showOneOfMany(log, flags);
  return 0;
}

function refuseMissing({ file }: FoundLog): void {
  if (!existsSync(file)) throw new CliError("no-log", `there is no log at ${file}`);
}

async function showLog(log: FoundLog, flags: LogsFlags): Promise<void> {
  const { run, file } = log;
  const reader = new LogReader(file, run.run_id);
  const printer = openPrinter(log, flags);
  if (flags.follow && !TERMINAL_STATUSES.has(run.status)) await follow(log, reader, { flags, printer });
  else reader.finish(printer.show);
  printer.end();
}

/** Shows a log under a header, as `tail` prints several files. */
function showOneOfMany(log: FoundLog, flags: LogsFlags): void {
  const { run, file } = log;
  writeLines(process.stdout, [`==> ${showName(run.run)} (${run.run_id}) <==`]);
  const { show, end } = openPrinter(log, flags);
  if (existsSync(file)) {
    new LogReader(file, run.run_id).finish(show);
    end();
  } else writeLines(process.stderr, [`there is no log at ${file}`]);
  writeLines(process.stdout, [""]);
}

interface Printer {
  show(piece: LogPiece): void;
  /** Shows a line that has not ended yet. */
  flush(): void;
  end(): void;
}

/** Text of a program for a terminal. */
interface Screen {
  write(piece: Buffer): string;
  flush(): string;
  end(): string;
}

/** Leaves out sequences that a terminal would obey, and folds lines to its width. */
function openScreen({ color, columns }: Pick<Look, "color" | "columns">): Screen {
  const filter = createTerminalFilter({ color });
  const folder = createOutputFolder(columns ?? Number.POSITIVE_INFINITY);
  return {
    write: (piece) => folder.write(filter.write(piece)),
    flush: () => folder.flush(),
    end: () => folder.write(filter.end()) + folder.end(),
  };
}

/** Prints the output of a run unchanged, but on a terminal. */
function openPrinter({ run }: FoundLog, { events, raw }: LogsFlags): Printer {
  const look = lookOf(process.stdout);
  const screen = look.isTerminal && !raw ? openScreen(look) : null;
  let isSilent = true;
  const print = (text: string) => {
    if (text !== "") process.stdout.write(text);
  };
  return {
    show: (piece) => {
      if ("printed" in piece) {
        isSilent = false;
        if (screen === null) process.stdout.write(piece.printed);
        else print(screen.write(piece.printed));
      } else if (events) {
        print(screen?.flush() ?? "");
        const line = renderLoggedEvent(piece.logged);
        writeLines(process.stdout, screen === null ? [line] : foldLine(line, look.columns ?? Number.POSITIVE_INFINITY));
      }
    },
    flush: () => print(screen?.flush() ?? ""),
    end: () => {
      print(screen?.end() ?? "");
      if (isSilent && !events) writeLines(process.stderr, [`${showName(run.run)} printed nothing`]);
    },
  };
}

function toJson({ run: { run, run_id }, file }: FoundLog, { events }: LogsFlags) {
  const printed: Buffer[] = [];
  const logged: LoggedEvent[] = [];
  if (existsSync(file)) {
    new LogReader(file, run_id).finish((piece) => {
      if ("printed" in piece) printed.push(piece.printed);
      else logged.push(piece.logged);
    });
  }
  return { run, run_id, file, lines: toLines(Buffer.concat(printed)), ...(events ? { events: logged } : {}) };
}

function toLines(printed: Buffer): string[] {
  const lines = printed.toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Prints what is appended until the run has ended. */
async function follow(
  { run, file }: FoundLog,
  reader: LogReader,
  { flags, printer: { show, flush } }: { flags: LogsFlags; printer: Printer },
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const look = () => {
    reader.read(show);
    flush();
    const status = readRegistry(
      flags,
      toContext(flags),
      (registry) => registry.findRun(run.run_id)?.status ?? "failed",
    );
    if (TERMINAL_STATUSES.has(status)) ended.resolve();
  };
  look();
  const watcher = watch(file, look);
  // The end of a run changes the registry and not its log, so the registry is read now and then as well.
  const timer = setInterval(look, 500);
  await ended.promise;
  watcher.close();
  clearInterval(timer);
  reader.finish(show);
}
