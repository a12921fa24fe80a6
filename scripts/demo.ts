import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { reportScriptError } from "./python/set-up-error.ts";
import { REPOSITORY, setUpPython } from "./setup-python.ts";

const WORKFLOW = "workflows/diabetes/workflow.yaml";
const REPORT = "workflows/diabetes/data/08_reporting/model_report.md";
const INTERRUPTED = 130;

/** Sets up Python, runs the example, and says where to look next. Gives the exit code of the run. */
async function runDemo(): Promise<number> {
  await setUpPython();
  console.log(`\n$ npx runweave run ${WORKFLOW}\n`);
  const run = spawnSync(process.execPath, [path.join(REPOSITORY, "bin", "runweave.js"), "run", WORKFLOW], {
    cwd: REPOSITORY,
    stdio: "inherit",
    // A demonstration of ours is no use of Kedro that its makers should count.
    env: { ...process.env, KEDRO_DISABLE_TELEMETRY: "1", DO_NOT_TRACK: "1" },
  });
  if (run.error) throw run.error;
  const exitCode = run.status ?? INTERRUPTED;
  console.log(exitCode === 0 ? describeNextSteps() : `\nThe workflow ended with exit code ${exitCode}.`);
  return exitCode;
}

function describeNextSteps(): string {
  const commands = [
    ["npx runweave sessions", "what has run in this repository"],
    ["npx runweave show", "the session that just ran: its runs, their times and the versions that they read"],
    ["npx runweave lineage compare", "which runs made what the comparison read"],
    ["npx runweave logs train_forest", "everything that one run printed"],
  ];
  const width = Math.max(...commands.map(([command = ""]) => command.length));
  return [
    "\nWhere to look next:",
    ...commands.map(([command = "", what]) => `  ${command.padEnd(width)}  ${what}`),
    ...(existsSync(path.join(REPOSITORY, REPORT)) ? [`\nThe report that the session published: ${REPORT}`] : []),
  ].join("\n");
}

try {
  process.exitCode = await runDemo();
} catch (error) {
  process.exitCode = reportScriptError(error);
}
