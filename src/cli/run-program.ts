import { exitProcess } from "./end-on-signals.ts";
import { outlivesReader } from "./outlives-reader.ts";
import { runCommandLine } from "./run-command-line.ts";

const SIGPIPE_EXIT = 141;

/** A pipe takes 64 KiB at a time; ending the process before its reader has taken the rest would cut it off. */
async function drain(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write("", () => resolve()));
}

/** Runs the command line of this process, and ends the process with its exit code. */
export async function runProgram(): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" && !outlivesReader()) exitProcess(SIGPIPE_EXIT);
  });
  // A reader that closes stderr changes no exit code.
  process.stderr.on("error", () => {});
  const exitCode = await runCommandLine(process.argv);
  await Promise.all([drain(process.stdout), drain(process.stderr)]);
  exitProcess(exitCode);
}
