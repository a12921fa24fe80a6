import { CommanderError } from "commander";
import { findCommand } from "./choose-program.ts";
import { hintOption } from "./declare/hint-option.ts";
import { hearSignals } from "./end-on-signals.ts";
import { type ExitCode, explainError } from "./errors.ts";
import { createProgram } from "./program.ts";
import { cleanLines, reportError } from "./report-error.ts";
import { chooseIds, writeLines } from "./terminal.ts";
import { forgetWarnings } from "./write-warnings.ts";

/** A fault of ours, as sysexits.h has it. */
const FAULT = 70;

/** Runs one command line, `process.argv` or the like, to its exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  forgetWarnings();
  chooseIds(argv.includes("--full-ids"));
  const called = findCommand(argv.slice(2));
  const done = (code: ExitCode) => {
    exitCode = code;
  };
  const program = await createProgram(done, (name) => name === called || called === "completion");
  // A signal that came while the program was read ends it before the command begins.
  program.hook("preAction", hearSignals);
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({ writeErr: (text) => process.stderr.write(cleanLines(text).join("\n")) });
  }
  for (const command of program.commands)
    command.showHelpAfterError(`(runweave ${command.name()} --help lists its options)`);
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    // Commander has printed the error. Its exit code would be 1; wrong usage is 2 here.
    if (error instanceof CommanderError) return endUsage(error);
    const explained = explainError(error);
    if (explained === null) return reportFault(error);
    reportError(explained, argv.includes("--json"));
    return explained.exitCode;
  }
}

function endUsage(error: CommanderError): number {
  const hint = hintOption(error);
  if (hint !== null) writeLines(process.stderr, [`hint: ${hint}`]);
  return error.exitCode === 0 ? 0 : 2;
}

function reportFault(error: unknown): number {
  const trace = error instanceof Error ? error.stack : String(error);
  const lines = cleanLines(trace ?? "");
  writeLines(process.stderr, ["this is a bug in runweave; please report it with this trace:", ...lines]);
  return FAULT;
}
