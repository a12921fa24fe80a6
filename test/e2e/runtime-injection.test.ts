import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

/** Readers say what they got; `frame` is in the catalog as semicolon-separated text, and `counts` in no catalog. */
const PIPELINES = `
import pandas as pd


def make():
    return pd.DataFrame({"a": [1, 2], "d": [3, 4]}), {"rows": 2}


def tell(frame):
    return ",".join(frame.columns)


def register_pipelines():
    reader = lambda name: Pipeline([node(tell, name, "told", name="tell")])
    return {
        "make": Pipeline([node(make, None, ["frame", "counts"], name="make")]),
        "same": reader("frame"),
        "parquet": reader("as_parquet"),
        "loose": reader("loose"),
        "unlisted": reader("unlisted"),
        "count": Pipeline([node(lambda counts: str(counts), "my_counts", "told", name="count")]),
    }
`;

const CATALOG = `
frame: { type: pandas.CSVDataset, filepath: data/frame.csv, save_args: { sep: ";", index: false }, load_args: { sep: ";" } }
as_parquet: { type: pandas.ParquetDataset, filepath: data/frame.parquet }
loose: { type: pandas.CSVDataset, filepath: data/loose.csv }
told: { type: text.TextDataset, filepath: data/told.txt }
`;

const folder = makeSuiteFolder();
const project = join(folder, "project");

beforeAll(() => {
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG });
});

function writeWorkflow(runs: Record<string, unknown>): string {
  const file = join(folder, "workflow.json");
  writeFileSync(file, JSON.stringify({ project, python: findTestPython(), runs }, null, 2));
  return file;
}

const make = { pipeline: "make", outputs: ["frame", "counts"] };
const reading = (pipeline: string, consumes: Record<string, unknown>) => ({ pipeline, consumes, outputs: ["told"] });
const showRuns = async () => (await runJson<SessionRecord>(["show", "latest"], { cwd: folder })).value.runs;
const toldBy = (runs: readonly RunRecord[], name: string) =>
  readFileSync(runs.find(({ run }) => run === name)?.outputs.told?.location ?? "", "utf8");

describe("what a consumer gets", () => {
  let runs: RunRecord[];

  beforeAll(async () => {
    const command = ["sh", "-c", "printf 'x,y\\n1,2\\n' > \"$1\"", "sh", "${outputs.table.path}"];
    const frame = (more: object = {}) => ({ run: "make", dataset: "frame", ...more });
    const file = writeWorkflow({
      make,
      fetch: { command, outputs: ["table"] },
      same: reading("same", { frame: "make" }),
      other: reading("loose", { loose: frame() }),
      parquet: reading("parquet", { as_parquet: frame() }),
      unlisted: reading("unlisted", { unlisted: frame() }),
      downstream: reading("loose", { loose: frame({ as: "downstream" }) }),
      fetched: reading("loose", { loose: { run: "fetch", dataset: "table" } }),
      counted: reading("count", { my_counts: { run: "make", dataset: "counts" } }),
    });
    const { exitCode, stderr } = await runEvents(file);
    expect([exitCode, stderr]).toEqual([0, ""]);
    runs = await showRuns();
  });

  test.each([
    ["is upstream's entry under its own name", "same", "a,d"],
    ["is upstream's entry under another name, whatever arguments that has downstream", "other", "a,d"],
    ["is upstream's entry, a CSV, though downstream has a Parquet there", "parquet", "a,d"],
    ["is upstream's entry, though downstream has none", "unlisted", "a,d"],
    ["is read through its own entry, if it asks for that", "downstream", "a;d"],
    ["is a command's file, read through its own entry", "fetched", "x,y"],
    ["is a memory output, under another name", "counted", "{'rows': 2}"],
  ])("%s", (_, run, told) => {
    expect(toldBy(runs, run)).toBe(told);
  });

  test("is pinned to the run that wrote it, and that is what was loaded", async () => {
    const [maker, fetcher] = ["make", "fetch"].map((name) => runs.find(({ run }) => run === name)?.run_id);
    const versions = Object.fromEntries(runs.map(({ run, load_versions }) => [run, load_versions]));
    expect(versions.parquet).toMatchObject({ as_parquet: maker });
    expect(versions.unlisted).toMatchObject({ unlisted: maker });
    expect(versions.counted).toMatchObject({ my_counts: maker });
    expect(versions.fetched).toMatchObject({ loose: fetcher });
    const { value } = await runJson<{ loads: { dataset: string; version: string }[] }>(["show", "latest"], {
      cwd: folder,
    });
    const loads = value.loads.map(({ dataset, version }) => [dataset, version]);
    expect(loads).toContainEqual(["as_parquet", maker]);
    expect(loads).toContainEqual(["my_counts", maker]);
    expect(loads).toContainEqual(["loose", fetcher]);
  });

  test("is, of a memory output, a version of its own that outlives the session", async () => {
    const maker = runs.find(({ run }) => run === "make");
    expect(maker?.outputs.counts).toMatchObject({ version: maker?.run_id, hash: expect.stringMatching(/^sha256:/) });
    const later = reading("count", { my_counts: { run_id: maker?.run_id, dataset: "counts" } });
    expect((await runEvents(writeWorkflow({ later }))).exitCode).toBe(0);
    expect(toldBy(await showRuns(), "later")).toBe("{'rows': 2}");
  });
});

test("a CSV that is to be read as Parquet, as downstream has it, fails the run that asked for that", async () => {
  const consumes = { as_parquet: { run: "make", dataset: "frame", as: "downstream" } };
  const { exitCode, events } = await runEvents(writeWorkflow({ make, use: reading("parquet", consumes) }));
  expect(exitCode).toBe(1);
  expect(events.find((event) => event.type === "run.failed")).toMatchObject({
    run: "use",
    exception: { message: expect.stringContaining("ParquetDataset") },
  });
});

test("a module that is not there is a located problem", async () => {
  const { exitCode, stdout, stderr } = await runCli(["validate", writeWorkflow({ score: { module: "./score.ts" } })]);
  expect(exitCode).toBe(2);
  expect(`${stdout}${stderr}`).toMatch(/workflow\.json:\d+:\d+.*invalid-module/);
});
