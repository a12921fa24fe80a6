import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import path from "node:path";
import type { RunnerResult } from "./outcome.ts";
import { readJunitReport, readVitestReport } from "./read-reports.ts";

/** One go of one test runner. */
export interface TestRun {
  /** The repository. */
  root: string;
  /** A file for its report, of its own. */
  report: string;
  /** What to run; empty: everything that it finds by itself. */
  files: readonly string[];
  /** Over the usual environment. */
  env?: Readonly<Record<string, string>>;
  /** A file for what it prints; default: the terminal. */
  log?: string;
}

/** Runs vitest to its end. */
export async function runVitest({ root, report, files, env, log }: TestRun): Promise<RunnerResult> {
  const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
  const args = ["run", ...files, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const exitCode = await runCommand({ root, command: process.execPath, args: [vitest, ...args], env, log });
  return { name: "vitest", counted: readVitestReport(report), exitCode };
}

/** Runs pytest with an interpreter to its end. */
export async function runPytest({
  python,
  root,
  report,
  files,
  env,
  log,
}: TestRun & { python: string }): Promise<RunnerResult> {
  const args = ["-m", "pytest", ...files, `--junitxml=${report}`];
  const exitCode = await runCommand({ root, command: python, args, env, log });
  return { name: "pytest", counted: readJunitReport(report), exitCode };
}

interface Command {
  root: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>> | undefined;
  log: string | undefined;
}

function runCommand({ root, command, args, env: over = {}, log }: Command): Promise<number | null> {
  const env = {
    ...process.env,
    KEDRO_DISABLE_TELEMETRY: "1",
    DO_NOT_TRACK: "1",
    // A test that spawns `node` gets this one, also where an older one is first on the PATH.
    PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
    ...over,
  };
  return new Promise((resolve) => {
    const output = log === undefined ? "inherit" : openSync(log, "w");
    const child = spawn(command, args, { cwd: root, stdio: ["inherit", output, output], env });
    if (typeof output === "number") closeSync(output);
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(null);
    });
    child.on("close", resolve);
  });
}
