import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { reportScriptError } from "./python/set-up-error.ts";
import { REPOSITORY, setUpPython } from "./setup-python.ts";
import { addOutcomes, formatOutcome, judgeRunner, type RunnerResult } from "./testing/outcome.ts";
import { readJunitReport, readVitestReport } from "./testing/read-reports.ts";

const PYTEST_FOLDER = "test/runners/kedro/worker";
const INTERRUPTED = 130;

/** Runs the tests of both languages and prints the sum as the very last line. Gives the exit code. */
async function runTests(): Promise<number> {
  const { python } = await setUpPython();
  const reports = mkdtempSync(path.join(tmpdir(), "runweave-test-"));
  try {
    const results = [await runVitest(reports), await runPytest(reports, python)].map(judgeRunner);
    for (const { complaint } of results) if (complaint) console.log(complaint);
    const total = addOutcomes(results.map(({ outcome }) => outcome));
    console.log(formatOutcome(total));
    return total.failed === 0 ? 0 : 1;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

async function runVitest(reports: string): Promise<RunnerResult> {
  const report = path.join(reports, "vitest.json");
  const vitest = path.join(REPOSITORY, "node_modules", "vitest", "vitest.mjs");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const exitCode = await runInherited(process.execPath, [vitest, ...args]);
  return { name: "vitest", counted: readVitestReport(report), exitCode };
}

async function runPytest(reports: string, python: string): Promise<RunnerResult> {
  const report = path.join(reports, "pytest.xml");
  const exitCode = await runInherited(python, ["-m", "pytest", PYTEST_FOLDER, `--junitxml=${report}`]);
  return { name: "pytest", counted: readJunitReport(report), exitCode };
}

function runInherited(command: string, args: readonly string[]): Promise<number | null> {
  const env = {
    ...process.env,
    KEDRO_DISABLE_TELEMETRY: "1",
    DO_NOT_TRACK: "1",
    // A test that spawns `node` gets this one, also where an older one is first on the PATH.
    PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
  };
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: REPOSITORY, stdio: "inherit", env });
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(null);
    });
    child.on("close", resolve);
  });
}

// The runners are interrupted by the same key and end by themselves; without this we would leave before them.
process.on("SIGINT", () => {
  process.exitCode = INTERRUPTED;
});

try {
  const exitCode = await runTests();
  process.exitCode ??= exitCode;
} catch (error) {
  process.exitCode = reportScriptError(error);
}
