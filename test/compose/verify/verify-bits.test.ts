import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { verifyRun } from "../../../src/compose/verify/verify-runs.ts";
import type { Registry } from "../../../src/core/port/registry.ts";
import type { RunRecord, VersionRecord } from "../../../src/core/run.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { drawFrom } from "../../../src/hosts/simulated/chance.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { sayCommand } from "../../hostile/command-line.ts";
import { makeSuiteFolder } from "../../rig/suite-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";
import { writeToyProject } from "../../rig/toy-project.ts";

const SEED = Date.now() % 1_000_000;
/** All bits of a file up to this size in bytes; of a larger one as many random ones. */
const EXHAUSTIVE_BYTES = 8;
const DRAWN_BITS = 16;

const PIPELINES = `
import pandas as pd
def make():
    table = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    return "text", {"a": 1}, [1, 2], table, table, {"one": "1", "two": "2"}, {"kept": 1}, lambda_free(), table
def lambda_free(): return {"loose": [1, 2, 3]}
NAMES = ["text", "json", "pickle", "csv", "parquet", "parts", "versioned", "loose", "cached"]
def register_pipelines():
    return {"make": Pipeline([node(make, None, NAMES)]), "__default__": Pipeline([])}
`;
const CATALOG = `
text: { type: text.TextDataset, filepath: data/text.txt }
json: { type: json.JSONDataset, filepath: data/json.json }
pickle: { type: pickle.PickleDataset, filepath: data/pickle.pkl }
csv: { type: pandas.CSVDataset, filepath: data/table.csv }
parquet: { type: pandas.ParquetDataset, filepath: data/table.parquet }
parts: { type: partitions.PartitionedDataset, path: data/parts, dataset: text.TextDataset, filename_suffix: .txt }
versioned: { type: json.JSONDataset, filepath: data/versioned.json, versioned: true }
cached: { type: kedro.io.CachedDataset, dataset: { type: pandas.CSVDataset, filepath: data/cached.csv } }
`;
const KEDRO = ["text", "json", "pickle", "csv", "parquet", "parts", "versioned", "loose", "cached"];
const SCRIPT = 'echo file >"$1"; mkdir -p "$2/deep"; echo a >"$2/a"; echo b >"$2/deep/b"';

const folder = makeSuiteFolder();
const state = inFolder(join(folder, "state"));
let registry: Registry;
let flipped = 0;

beforeAll(async () => {
  writeToyProject({ folder: join(folder, "project"), pipelines: PIPELINES, catalog: CATALOG });
  const runs = {
    kedro: { pipeline: "make", outputs: ["loose"], project: "project", python: findTestPython() },
    plain: {
      command: ["sh", "-c", SCRIPT, "sh", "${outputs.file.path}", "${outputs.folder.path}"],
      outputs: ["file", "folder"],
    },
    beside: {
      command: [
        "sh",
        "-c",
        'echo a >"$1"; mkdir "$1.d"; echo b >"$1.meta"; echo c >"$1.d/c"',
        "sh",
        "${outputs.main.path}",
      ],
      outputs: ["main"],
    },
    captured: { command: ["sh", "-c", SCRIPT, "sh", "file", "folder"], outputs: { file: "file", folder: "folder" } },
  };
  writeFileSync(join(folder, "workflow.json"), JSON.stringify({ max_parallel: 1, runs }));
  const said = await sayCommand(["run", join(folder, "workflow.json"), "--registry", state.root]);
  expect(said, said.stderr + said.stdout).toMatchObject({ exitCode: 0 });
  registry = openSqliteRegistry(state.registry, { readOnly: true });
});
afterAll(() => {
  console.log(`verify: ${flipped} bits of outputs flipped one by one, seed ${SEED}`);
  registry.close();
});

function recordOf(run: string): RunRecord & { run_id: RunId } {
  const record = registry.findSession("latest")?.runs.find((each) => each.run === run);
  if (record?.run_id == null) throw new Error(`${run} has not run`);
  return { ...record, run_id: record.run_id };
}

/** What does not hold of a run, by dataset. */
async function findBroken(record: RunRecord & { run_id: RunId }): Promise<string[]> {
  const { findings } = await verifyRun(registry, record, { state, patch: null });
  return findings.filter(({ verdict }) => verdict === "broken").map(({ code, dataset }) => `${code} ${dataset}`);
}

/** Of a version, with all that belongs to it. */
function listFiles({ location, beside = [] }: VersionRecord): string[] {
  const others = beside.map((name) => join(dirname(location), name));
  return [location, ...others].flatMap(listFilesAt);
}

function listFilesAt(location: string): string[] {
  if (statSync(location).isFile()) return [location];
  return readdirSync(location, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The bits of a file to flip, each by its number. */
function chooseBits(bytes: number, path: string): number[] {
  if (bytes <= EXHAUSTIVE_BYTES) return Array.from({ length: bytes * 8 }, (_, bit) => bit);
  const draw = drawFrom(String(SEED), path);
  return Array.from({ length: DRAWN_BITS }, () => Math.floor(draw() * bytes * 8));
}

const OUTPUTS = [
  ...KEDRO.map((dataset) => ["kedro", dataset] as const),
  ...["file", "folder"].map((dataset) => ["captured", dataset] as const),
  ...["file", "folder"].map((dataset) => ["plain", dataset] as const),
  ["beside", "main"] as const,
];

test.each(OUTPUTS)("%s: one bit of '%s' that is not what was saved is found, whichever it is", async (run, dataset) => {
  const record = recordOf(run);
  const version = record.outputs[dataset] ?? expect.fail(`${run} has not saved ${dataset}`);
  expect(await findBroken(record)).toEqual([]);
  for (const path of listFiles(version)) {
    const whole = readFileSync(path);
    expect(whole.length, `${path} is empty`).toBeGreaterThan(0);
    for (const bit of chooseBits(whole.length, path)) {
      const spoilt = Buffer.from(whole);
      spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(path, spoilt);
      expect({ seed: SEED, path, bit, found: await findBroken(record) }).toMatchObject({
        found: [`content-changed ${dataset}`],
      });
      flipped += 1;
    }
    writeFileSync(path, whole);
  }
  expect(await findBroken(record)).toEqual([]);
});

test("a file of a folder that is gone, is new or has another name is found", async () => {
  const dataset = "folder";
  const record = recordOf("plain");
  const { location } = record.outputs[dataset] ?? { location: "" };
  const found = [`content-changed ${dataset}`];
  writeFileSync(join(location, "new"), "");
  expect(await findBroken(record)).toEqual(found);
  rmSync(join(location, "new"));
  renameSync(join(location, "a"), join(location, "b"));
  expect(await findBroken(record)).toEqual(found);
  renameSync(join(location, "b"), join(location, "a"));
  expect(await findBroken(record)).toEqual([]);
  rmSync(join(location, "deep"), { recursive: true });
  expect(await findBroken(record)).toEqual(found);
});
