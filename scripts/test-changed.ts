import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { reportScriptError } from "./python/set-up-error.ts";
import { REPOSITORY, setUpPython } from "./setup-python.ts";
import { listChangedFiles } from "./testing/changed-files.ts";
import { type ChosenTests, chooseTests } from "./testing/choose-tests.ts";
import { readImportGraph } from "./testing/import-graph.ts";
import { addOutcomes, formatOutcome, judgeRunner, type RunnerResult } from "./testing/outcome.ts";
import { runPytest, runVitest } from "./testing/run-tests.ts";

const USAGE = `usage: npm run test:changed -- [--since COMMIT]

Checks types and lint of what has changed in the working tree, and runs the tests that this touches soonest, in under a minute.
What it leaves out, it says; \`npm run check\` does all.
  --since COMMIT  what has changed since this commit (default: HEAD)`;

/** Checks what has changed, and prints the sum of its tests as the very last line. Gives the exit code. */
async function testChanged(since: string): Promise<number> {
  const changed = listChangedFiles(REPOSITORY, since);
  console.log(changed.length === 0 ? `nothing has changed since ${since}` : `changed: ${changed.join(", ")}`);
  const { python } = await setUpPython();
  const failed = checkText(changed, python);
  const chosen = chooseTests(changed, {
    graph: readImportGraph(REPOSITORY, ["src", "scripts", "test"]),
    pythonTests: readPythonTests(),
  });
  const results = (await runChosen(chosen, python)).map(judgeRunner);
  for (const { complaint } of results) if (complaint) console.log(complaint);
  for (const part of chosen.leftOut) console.log(`left to \`npm run check\`: ${part}`);
  const total = addOutcomes(results.map(({ outcome }) => outcome));
  for (const name of failed) console.log(`${name}: failed`);
  console.log(formatOutcome(total));
  return failed.length + total.failed === 0 ? 0 : 1;
}

/** The names of the checks of types and lint that fail. */
function checkText(changed: readonly string[], python: string): string[] {
  const bin = (name: string) => path.join(REPOSITORY, "node_modules/.bin", name);
  const ofPython = changed.filter((file) => file.endsWith(".py"));
  const ofScripts = changed.filter((file) => /\.(ts|mjs|cjs|json)$/.test(file));
  const types = ["-p", "tsconfig.json", "--incremental", "--tsBuildInfoFile", "node_modules/.cache/types.json"];
  const steps: [string, readonly string[], string, ...string[]][] = [
    ["types", ofScripts, bin("tsc"), ...types],
    ["format and lint", ofScripts, bin("biome"), "check", "--error-on-warnings", ...ofScripts],
    ["Python lint", ofPython, python, "-m", "ruff", "check", ...ofPython],
    ["Python format", ofPython, python, "-m", "ruff", "format", "--check", ...ofPython],
  ];
  return steps
    .filter(([, files]) => files.length > 0)
    .filter(([, , command, ...args]) => spawnSync(command, args, { cwd: REPOSITORY, stdio: "inherit" }).status !== 0)
    .map(([name]) => name);
}

function readPythonTests(): Map<string, string> {
  const files = globSync("test/runners/kedro/worker/test_*.py", { cwd: REPOSITORY });
  return new Map(files.map((file) => [file, readFileSync(path.join(REPOSITORY, file), "utf8")]));
}

async function runChosen({ vitest, pytest }: ChosenTests, python: string): Promise<RunnerResult[]> {
  const reports = mkdtempSync(path.join(tmpdir(), "runweave-test-"));
  const [report, log] = [path.join(reports, "pytest.xml"), path.join(reports, "pytest.log")];
  try {
    const ofPython = pytest.length > 0 ? runPytest({ root: REPOSITORY, python, report, files: pytest, log }) : null;
    const whole = { root: REPOSITORY, report: path.join(reports, "vitest.json"), files: vitest };
    const results = vitest.length > 0 ? [await runVitest(whole)] : [];
    if (ofPython === null) return results;
    results.push(await ofPython);
    process.stdout.write(readFileSync(log));
    return results;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { since: { type: "string" }, help: { type: "boolean", short: "h" } } });
try {
  if (values.help) console.log(USAGE);
  else process.exitCode = await testChanged(values.since ?? "HEAD");
} catch (error) {
  process.exitCode = reportScriptError(error);
}
