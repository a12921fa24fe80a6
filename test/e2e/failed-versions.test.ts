import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { runCli, runEvents } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const PIPELINES = `
def fit(): return {"slope": 1}
def judge(model): raise ValueError("no good")
def use(model): return model

def register_pipelines():
    train = Pipeline([node(fit, None, "model"), node(judge, "model", "verdict")])
    return {"train": train, "predict": Pipeline([node(use, "model", "answer")]), "__default__": train}
`;
const CATALOG = "model: { type: json.JSONDataset, filepath: data/model.json, versioned: true }\n";

const folder = makeSuiteFolder();

function writeWorkflow(pipeline: string): string {
  const file = join(folder, `${pipeline}.json`);
  writeFileSync(file, JSON.stringify({ project: "toy", python: findTestPython(), runs: { only: { pipeline } } }));
  return file;
}

beforeAll(async () => {
  writeToyProject({ folder: join(folder, "toy"), pipelines: PIPELINES, catalog: CATALOG });
  const { exitCode } = await runEvents(writeWorkflow("train"), { cwd: folder });
  expect(exitCode).toBe(1);
  expect(readdirSync(join(folder, "toy/data/model.json"))).toHaveLength(1);
});

test.each(["plan", "validate", "run"])(
  "%s does not take what a failed attempt saved for the newest version",
  async (command) => {
    const { exitCode, stdout, stderr } = await runCli([command, writeWorkflow("predict")], { cwd: folder });
    expect(stdout + stderr).toContain("error[no-version]");
    expect(exitCode).toBe(2);
  },
);
