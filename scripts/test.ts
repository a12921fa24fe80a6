import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { reportScriptError } from "./python/set-up-error.ts";
import { REPOSITORY, setUpPython } from "./setup-python.ts";
import { compileWorker } from "./testing/compile-worker.ts";
import { addOutcomes, formatOutcome, judgeRunner } from "./testing/outcome.ts";
import { runPytest, runVitest } from "./testing/run-tests.ts";

const PYTEST_FOLDER = "test/runners/kedro/worker";
const WORKER_FOLDER = path.join(REPOSITORY, "src/runners/kedro/worker");
const INTERRUPTED = 130;

/**
 * Runs the tests of both languages at once, as each waits a good part of its time, and prints the sum as the very last line.
 * Gives the exit code.
 */
async function runTests(): Promise<number> {
  const { python } = await setUpPython();
  const reports = mkdtempSync(path.join(tmpdir(), "runweave-test-"));
  try {
    compileWorker(python, WORKER_FOLDER);
    const [report, log] = [path.join(reports, "pytest.xml"), path.join(reports, "pytest.log")];
    const pytest = runPytest({ root: REPOSITORY, python, report, files: [PYTEST_FOLDER], log });
    const vitest = await runVitest({ root: REPOSITORY, report: path.join(reports, "vitest.json"), files: [] });
    const results = [vitest, await pytest].map(judgeRunner);
    process.stdout.write(readFileSync(log));
    for (const { complaint } of results) if (complaint) console.log(complaint);
    const total = addOutcomes(results.map(({ outcome }) => outcome));
    console.log(formatOutcome(total));
    return total.failed === 0 ? 0 : 1;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
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
