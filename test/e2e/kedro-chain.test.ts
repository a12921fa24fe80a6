import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";
import { hashFile, hashTree } from "../rig/tree-hashes.ts";

/** A project of somebody else: nothing of it is versioned, `notes` and `score` are in no catalog, stale data lie about. */
const PIPELINES = `
def clean(raw):
    return raw.upper(), {"rows": len(raw.split())}


def train(table, notes, seed):
    return f"model of {table} {seed}", {"score": notes["rows"] * seed}


def report(first, second):
    return f"{first['score']} against {second['score']}"


def register_pipelines():
    return {
        "data_processing": Pipeline([node(clean, "raw", ["table", "notes"], name="clean")]),
        "data_science": Pipeline([node(train, ["table", "notes", "params:seed"], ["model", "score"], name="train")]),
        "reporting": Pipeline([node(report, ["first", "second"], "report", name="report")]),
    }
`;

const CATALOG = `
raw: { type: text.TextDataset, filepath: data/raw.txt }
table: { type: text.TextDataset, filepath: data/table.txt }
model: { type: pickle.PickleDataset, filepath: data/model.pickle }
report: { type: text.TextDataset, filepath: data/report.txt }
`;

const WORKFLOW = `
project: project
python: ${findTestPython()}
max_parallel: 2
runs:
  prep:
    pipeline: data_processing
    outputs: [table, notes]
  train:
    pipeline: data_science
    matrix: { seed: [2, 3] }
    params: { seed: "\${matrix.seed}" }
    consumes: { table: prep, notes: prep }
    outputs: [model, score]
  report:
    pipeline: reporting
    consumes:
      first: { run: train, where: { seed: 2 }, dataset: score }
      second: { run: train, where: { seed: 3 }, dataset: score }
    outputs: [report]
  archive:
    command: [cp, "\${inputs.text.path}", "\${outputs.copy.path}"]
    consumes: { text: { run: report, dataset: report } }
    outputs: [copy]
`;

const folder = makeSuiteFolder();
const project = join(folder, "project");
const file = join(folder, "chain.yaml");
let before: Record<string, string>;
let exitCode: number | null;
let events: RunEvent[];
let session: SessionRecord;
let runs: Map<string, RunRecord>;

beforeAll(async () => {
  const files = {
    "data/raw.txt": "one two three",
    "data/table.txt": "stale",
    "data/report.txt": "stale too",
    "conf/prod/parameters.yml": "seed: 1000\n",
  };
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG, parameters: "seed: 1\n", files });
  writeFileSync(file, WORKFLOW);
  before = hashTree(project);
  ({ exitCode, events } = await runEvents(file));
  session = (await runJson<SessionRecord>(["show"], { cwd: folder })).value;
  runs = new Map(session.runs.map((run) => [run.run, run]));
});

const versionOf = (run: string, dataset: string) => {
  const version = runs.get(run)?.outputs[dataset];
  if (version === undefined) throw new Error(`${run} has no ${dataset}: ${JSON.stringify(runs.get(run))}`);
  return version;
};

test("the workflow file alone chains the runs", () => {
  expect(exitCode).toBe(0);
  expect(session.runs.map(({ run, status }) => [run, status])).toEqual([
    ["prep", "success"],
    ["train[seed=2]", "success"],
    ["train[seed=3]", "success"],
    ["report", "success"],
    ["archive", "success"],
  ]);
});

test("each number came from its own upstream, never from what lay in the project", () => {
  expect(readFileSync(versionOf("report", "report").location, "utf8")).toBe("6 against 9");
  expect(readFileSync(versionOf("prep", "table").location, "utf8")).toBe("ONE TWO THREE");
  expect(readFileSync(versionOf("archive", "copy").location, "utf8")).toBe("6 against 9");
});

test("the project is what it was before, file by file", () => {
  expect(hashTree(project)).toEqual(before);
});

test("every version on record is on disk, outside the project's data, with its size and hash", () => {
  for (const { run, outputs } of session.runs) {
    expect(outputs, run).not.toEqual({});
    for (const { location, bytes, hash } of Object.values(outputs)) {
      expect(location.startsWith(join(project, "data"))).toBe(false);
      expect(readFileSync(location).byteLength).toBe(bytes);
      expect(hash).toBe(`sha256:${hashFile(location)}`);
    }
  }
});

test("the pins name the runs that wrote, and what was loaded is what was pinned", () => {
  const prep = runs.get("prep")?.run_id;
  for (const seed of [2, 3]) {
    const run = `train[seed=${seed}]`;
    const own = runs.get(run);
    expect(own).toMatchObject({ runtime_params: { seed }, load_versions: { table: prep, notes: prep } });
    const loaded = events.filter((event) => event.type === "dataset.loaded" && event.run === run);
    const places = Object.fromEntries(loaded.map((event) => ["dataset" in event && event.dataset, event]));
    expect(places.table).toMatchObject({ location: versionOf("prep", "table").location });
    expect(places.notes).toMatchObject({ location: versionOf("prep", "notes").location });
  }
  expect(runs.get("report")?.load_versions).toMatchObject({
    first: runs.get("train[seed=2]")?.run_id,
    second: runs.get("train[seed=3]")?.run_id,
  });
});

test("each run tells its nodes and how long they took", () => {
  for (const [run, node] of [
    ["prep", "clean"],
    ["report", "report"],
  ] as const) {
    expect(Object.keys(runs.get(run)?.node_durations_ms ?? {})).toEqual([node]);
    expect(events).toContainEqual(expect.objectContaining({ type: "pipeline.started", run, total_nodes: 1 }));
    expect(events).toContainEqual(expect.objectContaining({ type: "node.finished", run, node }));
  }
});

test("lineage leads from the report to the preparation, through both trainings", async () => {
  const { stdout } = await runCli(["lineage", "report"], { cwd: folder });
  for (const run of ["prep", "train[seed=2]", "train[seed=3]"]) expect(stdout).toContain(run);
});

test("a second session has versions of its own, and publishes only what it is told to", async () => {
  writeFileSync(join(folder, "published.yaml"), `publish: [report]\n${WORKFLOW}`);
  const { exitCode: code } = await runEvents("published.yaml", { cwd: folder });
  expect(code).toBe(0);
  const { value: second } = await runJson<SessionRecord>(["show"], { cwd: folder });
  const ids = new Set(session.runs.map(({ run_id }) => run_id));
  for (const { run_id } of second.runs) expect(ids.has(run_id)).toBe(false);
  expect(readFileSync(join(project, "data/report.txt"), "utf8")).toBe("6 against 9");
  const { "data/report.txt": _, ...others } = before;
  const { "data/report.txt": __, ...othersNow } = hashTree(project);
  expect(othersNow).toEqual(others);
});
