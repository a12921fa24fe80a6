import { CommanderError } from "commander";
import { type CliError, exitProcess, explainError } from "./errors.ts";
import { toProblemJson } from "./problem-json.ts";
import { createProgram } from "./program.ts";
import { writeJson, writeLines, writeProblems } from "./terminal.ts";

/** Runs one command line to its exit code. */
async function main(argv: string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  program.hook("preAction", (_, command) => {
    if (!OUTLIVES_ITS_READER.has(command.name())) exitWithReader();
  });
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong; it exits with 1 where the contract says 2.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const explained = explainError(error);
    if (explained === null) return reportFault(error);
    reportError(explained, argv.includes("--json"));
    return explained.exitCode;
  }
}

/** A session goes on when nobody reads its progress any more; every other command has nothing left to do. */
const OUTLIVES_ITS_READER = new Set(["run", "resume", "replay"]);
const SIGPIPE_EXIT = 141;

function exitWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") exitProcess(SIGPIPE_EXIT);
  });
}

function reportError({ code, message, hint, problems }: CliError, json: boolean): void {
  if (json) writeJson({ type: "error", code, message, hint, problems: problems.map(toProblemJson) });
  writeProblems(process.stderr, problems);
  if (problems.length === 0)
    writeLines(process.stderr, [`error[${code}]  ${message}`, ...(hint === null ? [] : [`  hint: ${hint}`])]);
}

function reportFault(error: unknown): number {
  const trace = error instanceof Error ? error.stack : String(error);
  writeLines(process.stderr, ["runweave has a fault of its own; please report it with this trace:", trace ?? ""]);
  return 70;
}

/** A pipe takes 64 KiB at a time; ending the process before its reader has taken the rest would cut it off. */
async function drain(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write("", () => resolve()));
}

const exitCode = await main(process.argv);
await Promise.all([drain(process.stdout), drain(process.stderr)]);
exitProcess(exitCode);
