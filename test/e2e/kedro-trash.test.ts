import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { RunRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { showSession } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

/** `fit` saves one version of the project's, one file of the store and a pickle; a save by partitions goes on beside another. */
const PIPELINES = `
import os
def fit(): return {"slope": 1}, {"rows": 2}, {"free": 3}
def split(table): return {"a": {"part": 1}, "b": {"part": 2}}
def check(model, parts): raise SystemExit(os.kill(os.getpid(), 9)) if os.environ.get("KILL") else ValueError("no good")
def done(model, parts): return {"report": model}

def register_pipelines():
    save = [node(fit, None, ["model", "table", "loose"]), node(split, "table", "parts")]
    return {
        "bad": Pipeline([*save, node(check, ["model", "parts"], "verdict")]),
        "good": Pipeline([*save, node(done, ["model", "parts"], "report")]),
        "__default__": Pipeline(save),
    }
`;
const CATALOG = `
model: { type: json.JSONDataset, filepath: data/model.json, versioned: true }
table: { type: json.JSONDataset, filepath: data/table.json }
parts: { type: partitions.PartitionedDataset, path: data/shared, dataset: json.JSONDataset, filename_suffix: .part.json }
report: { type: json.JSONDataset, filepath: data/report.json }
`;

const folder = makeSuiteFolder();
const project = join(folder, "toy");

function writeWorkflow(name: string, header: object, run: object): string {
  const file = join(folder, `${name}.json`);
  const base = { project: "toy", python: findTestPython(), ...header };
  writeFileSync(file, JSON.stringify({ ...base, runs: { only: run } }));
  return file;
}

async function onlyRun(): Promise<RunRecord> {
  const [run] = (await showSession({ cwd: folder })).runs;
  return run ?? expect.fail("no run");
}

/** What lies of a run in the store and among the project's versions. */
function findData(runId: string | null): string[] {
  const store = join(folder, ".runweave/data");
  const inStore = readdirSync(store).map((name) => join(store, name, runId ?? ""));
  return [...inStore, join(project, "data/model.json", runId ?? "")].filter((path) => existsSync(path));
}

beforeAll(() => {
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG });
  writeFiles(folder, { ".runweave/.gitignore": "*\n" });
  writeFiles(project, { "data/shared/x.part.json": "{}", "data/shared/other.csv": "1", "data/report.json": '"old"' });
});

test("a failed pipeline's versions, places in the store and pickles go to the trash and come back; nothing else moves", async () => {
  const run = { pipeline: "bad", outputs: ["loose", "model"] };
  const file = writeWorkflow("bad", { cleanup_on_error: "trash" }, run);
  expect((await runEvents(file, { cwd: folder })).exitCode).toBe(1);
  const { run_id, discarded } = await onlyRun();
  expect(discarded).toMatchObject({ state: "trashed" });
  expect(findData(run_id)).toEqual([]);
  expect(readdirSync(join(project, "data/shared")).sort()).toEqual(["other.csv", "x.part.json"]);
  const { value } = await runJson<{ entries: { items: { original: string }[] }[] }>(["trash", "list"], { cwd: folder });
  const places = value.entries.flatMap(({ items }) => items.map(({ original }) => original));
  // The project's version, and three of the store: table, parts, loose.
  expect(places).toHaveLength(4);
  expect(places).toContain(join(project, "data/model.json", run_id ?? ""));
  expect((await runCli(["trash", "restore", run_id ?? ""], { cwd: folder })).exitCode).toBe(0);
  expect(findData(run_id).sort()).toEqual(places.sort());
});

test("what a killed pipeline had saved is deleted", async () => {
  const file = writeWorkflow("bad", {}, { pipeline: "bad", outputs: ["loose"], cleanup_on_error: "delete" });
  await runEvents(file, { cwd: folder, env: { KILL: "1" } });
  const { run_id, status, discarded } = await onlyRun();
  expect([status, discarded?.state, findData(run_id)]).toEqual(["failed", "deleted", []]);
});

test("what a pipeline published is rolled back to the very file that stood there", async () => {
  const file = writeWorkflow("good", { publish: ["report"] }, { pipeline: "good", outputs: ["report"] });
  expect((await runEvents(file, { cwd: folder })).exitCode).toBe(0);
  const plain = join(project, "data/report.json");
  expect(JSON.parse(readFileSync(plain, "utf8"))).toEqual({ report: { slope: 1 } });
  const { exitCode, stdout } = await runCli(["rollback", "latest"], { cwd: folder });
  expect([exitCode, stdout]).toEqual([0, `put back ${plain}\n1 publication undone, 0 runs taken back\n`]);
  expect(readFileSync(plain, "utf8")).toBe('"old"');
  const { run_id, outputs } = await onlyRun();
  expect(existsSync(outputs.report?.location ?? "")).toBe(true);
  expect(findData(run_id).length).toBeGreaterThan(0);
});
