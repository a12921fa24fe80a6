import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { reportScriptError } from "./python/set-up-error.ts";
import { REPOSITORY, setUpPython } from "./setup-python.ts";

const WORKFLOW = "workflows/diabetes/workflow.yaml";
/** The files that the session publishes, and what they hold. */
const RESULTS = [
  ["workflows/diabetes/data/08_reporting/model_report.md", "the report"],
  ["workflows/diabetes/data/08_reporting/comparison.csv", "its numbers: the errors of each model"],
  ["workflows/diabetes/data/08_reporting/best_model.json", "the best model"],
];
const INTERRUPTED = 130;

/** Sets up Python, runs the example, and says where to look next. Gives the exit code of the run. */
async function runDemo(): Promise<number> {
  await setUpPython("demo");
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
  const results = RESULTS.filter(([file = ""]) => existsSync(path.join(REPOSITORY, file)));
  const commands = [
    ["npx runweave show", "the session that just ran: its runs, and the versions that they read"],
    ["npx runweave lineage compare", "which runs made what the comparison read"],
    ["npx runweave cat metrics@train_forest", "the metrics of one run, which are in no catalog"],
    ["npx runweave logs train_forest", "everything that one run printed"],
  ];
  return ["", "Where to look next:", ...align(commands), "", "The results:", ...align(results)].join("\n");
}

function align(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(0, ...rows.map(([first = ""]) => first.length));
  return rows.map(([first = "", what]) => `  ${first.padEnd(width)}  ${what}`);
}

try {
  process.exitCode = await runDemo();
} catch (error) {
  process.exitCode = reportScriptError(error);
}
