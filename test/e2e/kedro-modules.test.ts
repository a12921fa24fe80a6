import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, runEvents } from "../rig/cli.ts";
import { formatRuns, readOutputs, showSession } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";
import { hashTree } from "../rig/tree-hashes.ts";

/** What the project itself has of `scores` is stale. */
const PIPELINES = `
def tabulate(raw): return [{"word": word, "length": len(word)} for word in raw.split()]
def report(scores, label): return f"{label}: " + ", ".join(scores)

def register_pipelines():
    return {
        "prep": Pipeline([node(tabulate, "raw", "table")]),
        "report": Pipeline([node(report, ["scores", "params:label"], "page")]),
    }
`;

const CATALOG = `
raw: { type: text.TextDataset, filepath: data/raw.txt }
table: { type: json.JSONDataset, filepath: data/table.json }
scores: { type: json.JSONDataset, filepath: data/scores.json }
page: { type: text.TextDataset, filepath: data/page.txt }
`;

const SCORE = `import { readFile } from "node:fs/promises";
import { defineModule } from "runweave";
interface Row { word: string; length: number }
export default defineModule<{ least: number }, "table", "scores">(async ({ inputs, params }) => {
  const rows: Row[] = JSON.parse(await readFile(inputs.table, "utf8"));
  return { scores: rows.filter(({ length }) => length >= params.least).map(({ word }) => word) };
});
`;

const WORKFLOW = `
name: mixed
project: project
python: ${findTestPython()}
runs:
  prep: { pipeline: prep, outputs: [table] }
  score:
    module: score.ts
    matrix: { least: [3, 4] }
    params: { least: "\${matrix.least}" }
    consumes: { table: prep }
    outputs: [scores]
  report:
    pipeline: report
    matrix: { least: [3, 4] }
    params: { label: "\${matrix.least}" }
    consumes: { scores: { run: score, where: { least: "\${matrix.least}" } } }
    outputs: [page]
`;

const folder = makeSuiteFolder();
const inFolder = { cwd: folder };

test("a module consumes what a Kedro run saved, and a Kedro run what a module saved, each its own arm's version", async () => {
  const project = writeToyProject({
    ...{ folder: join(folder, "project"), pipelines: PIPELINES, catalog: CATALOG, parameters: "label: x\n" },
    files: { "data/raw.txt": "to see what there is", "data/table.json": "[]", "data/scores.json": '["stale"]' },
  });
  writeFiles(folder, { "flow.yaml": WORKFLOW, "score.ts": SCORE });
  const before = hashTree(project);
  const { exitCode, stderr } = await runEvents("flow.yaml", inFolder);
  expect([exitCode, stderr]).toEqual([0, ""]);
  const session = await showSession(inFolder);
  expect(readOutputs(session)).toMatchObject({
    "score[least=3].scores": '["see","what","there"]\n',
    "score[least=4].scores": '["what","there"]\n',
    "report[least=3].page": "3: see, what, there",
    "report[least=4].page": "4: what, there",
  });
  const idOf = (name: string) => session.runs.find(({ run }) => run === name)?.run_id;
  for (const least of [3, 4]) {
    const pinned = session.runs.find(({ run }) => run === `report[least=${least}]`)?.load_versions.scores;
    expect(pinned).toBe(idOf(`score[least=${least}]`));
  }
  expect(hashTree(project)).toEqual(before);
});

test("lineage leads through the module, and what it saved is healed by a mended module", async () => {
  const session = await showSession(inFolder);
  const { stdout } = await runCli(["lineage", "report[least=3]"], inFolder);
  for (const run of ["prep", "score[least=3]"]) expect(stdout).toContain(run);
  const score = session.runs.find(({ run }) => run === "score[least=4]")?.run_id ?? "";
  await runCli(["taint", `scores@${score}`, "--reason", "a wrong limit"], inFolder);
  writeFiles(folder, { "score.ts": SCORE.replace(">= params.least", "> params.least") });
  const healed = await runCli(["heal", `scores@${score}`, "--yes"], inFolder);
  expect(healed.exitCode, healed.stderr).toBe(0);
  const now = await showSession(inFolder);
  expect(formatRuns(now)).toMatchObject({ "score[least=4]": "success 1", "report[least=4]": "success 1" });
  expect(readOutputs(now)["report[least=4].page"]).toBe("4: there");
  expect(readFileSync(join(folder, "project/data/scores.json"), "utf8")).toBe('["stale"]');
});
