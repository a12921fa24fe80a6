import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const OLD = "2024-01-01T00.00.00.000Z";
const NEW = "2024-02-02T10.20.30.456Z";
const CUT_OFF = "2024-03-03T00.00.00.000Z";

const PIPELINES = `
def fit(table): return table + "!"
def score(model): return model + "?"

def register_pipelines():
    train = Pipeline([node(fit, "table", "model")])
    use = Pipeline([node(score, "model", "scores")])
    return {"train": train, "use": use, "__default__": train}
`;
const CATALOG = `
table: { type: text.TextDataset, filepath: data/table.txt }
model: { type: text.TextDataset, filepath: data/model.txt, versioned: true }
scores: { type: text.TextDataset, filepath: data/scores.txt, versioned: true }
`;

interface Adoption {
  runs: { run_id: string; version: string; datasets: string[]; known: boolean }[];
}

const folder = makeSuiteFolder();
const project = join(folder, "project");
const python = findTestPython();
const own = join(folder, "own");
const adopt = (...flags: string[]) => runCli(["adopt", "project", "--python", python, ...flags], { cwd: folder });

beforeAll(() => {
  const files = {
    "data/table.txt": "t",
    [`data/model.txt/${OLD}/model.txt`]: "old model",
    [`data/model.txt/${NEW}/model.txt`]: "new model",
    [`data/scores.txt/${NEW}/scores.txt`]: "new scores",
  };
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG, files });
  mkdirSync(join(project, `data/model.txt/${CUT_OFF}`));
  mkdirSync(join(project, ".runweave"));
});

test("what the project saved before becomes runs of unknown origin, each version once", async () => {
  const { stdout } = await adopt("--dry-run");
  expect(stdout).toContain("would adopt 3 versions");
  const { value } = await runJson<Adoption>(["adopt", "project", "--python", python], { cwd: folder });
  expect(value.runs.map(({ version, datasets, known }) => [version, datasets, known])).toEqual([
    [OLD, ["model"], false],
    [NEW, ["model", "scores"], false],
    [CUT_OFF, ["model"], false],
  ]);
  expect((await adopt()).stdout).toBe("nothing new: 3 versions were adopted before\n");
  const replayed = await runCli(["replay", value.runs[0]?.run_id ?? ""], { cwd: project });
  expect([replayed.exitCode, replayed.stderr]).toEqual([
    2,
    expect.stringContaining("only stands for versions that `adopt` recorded"),
  ]);
});

test("a version whose writer was cut off counts for nothing", async () => {
  const { value } = await runJson<SessionRecord>(["show", CUT_OFF, "--registry", join(project, ".runweave")]);
  expect(value.runs[0]?.outputs).toEqual({});
});

test("an adopted version is consumed by its version, and traced in both directions", async () => {
  const workflow = `
project: project
python: ${python}
runs:
  use: { pipeline: use, consumes: { model: { run_id: ${OLD} } }, outputs: [scores] }
`;
  writeFileSync(join(folder, "flow.yaml"), workflow);
  const registry = ["--registry", join(project, ".runweave")];
  expect(await runCli(["run", "flow.yaml", ...registry], { cwd: folder })).toMatchObject({ exitCode: 0 });
  const { value } = await runJson<SessionRecord>(["show", ...registry], { cwd: folder });
  const location = value.runs[0]?.outputs.scores?.location ?? "";
  expect(readFileSync(location, "utf8")).toBe("old model?");
  const up = await runCli(["lineage", "use", ...registry], { cwd: folder });
  expect(up.stdout).toMatch(/model <- unknown .*2024-01-01 .* of adopted from project/);
  const down = await runCli(["lineage", OLD, "--direction", "down", ...registry], { cwd: folder });
  expect(down.stdout).toContain("use  success");
});

test("a folder without a project says so", async () => {
  const { exitCode, stderr } = await runCli(["adopt", "."], { cwd: folder });
  expect(exitCode).toBe(2);
  expect(stderr).toContain("there is no Kedro project");
});

test("versions that runweave saved are on record already: there is nothing new", async () => {
  const version = `${OLD}-0000b0c37910`;
  const files = { "data/table.txt": "t", [`data/model.txt/${version}/model.txt`]: "of a run" };
  writeToyProject({ folder: own, pipelines: PIPELINES, catalog: CATALOG, files });
  const { stdout } = await runCli(["adopt", own, "--dry-run", "--python", python], { cwd: folder });
  expect(stdout).toMatch(/^nothing new: runweave saved all versions/);
});
