import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { VersionRecord } from "../../src/core/run.ts";
import { collectMetrics, readMetrics } from "../../src/runners/metrics.ts";

function makeFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "runweave-metrics-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "metrics.json");
  writeFileSync(path, content);
  return path;
}

it("a JSON object is read as it is, nested too", () => {
  const metrics = { r2: 0.5, ok: true, name: "a", by_class: { x: [1, null] } };
  expect(readMetrics(makeFile(JSON.stringify(metrics)))).toEqual({ metrics, fault: null });
});

it("no file is no fault", () => {
  expect(readMetrics("/nowhere/metrics.json")).toEqual({ metrics: null, fault: null });
});

it.each([
  ["[1]", /not a JSON object/],
  ["null", /not a JSON object/],
  ['{"r2": NaN}', /JSON/],
  ["{", /JSON/],
  ['{"__proto__": {}}', /__proto__/],
  [`${'{"a":'.repeat(21)}1${"}".repeat(21)}`, /nested deeper/],
  [JSON.stringify({ big: "x".repeat(300_000) }), /bytes/],
])("%.20s is a fault", (content, fault) => {
  expect(readMetrics(makeFile(content))).toEqual({ metrics: null, fault: expect.stringMatching(fault) });
});

it("a symlink is a fault: it could show any file of this machine", () => {
  const path = makeFile('{"secret": 1}');
  symlinkSync(path, `${path}.link`);
  expect(readMetrics(`${path}.link`).metrics).toBeNull();
});

it("of Kedro's outputs those that were declared and are JSON objects are metrics", () => {
  const versionOf = (type: string, content: string): VersionRecord => {
    const location = makeFile(content);
    const entry = { config: { type }, versioned: false };
    return { version: "v", location, bytes: content.length, hash: null, entry, plain_location: null };
  };
  const outputs = {
    scores: versionOf("json.JSONDataset", '{"r2": 1}'),
    tracked: versionOf("kedro_datasets.tracking.MetricsDataset", '{"loss": 2}'),
    list: versionOf("json.JSONDataset", "[1]"),
    table: versionOf("pandas.JSONDataset.Other", '{"a": 1}'),
    hidden: versionOf("json.JSONDataset", '{"b": 1}'),
  };
  const declared = ["scores", "tracked", "list", "table", "missing"];
  expect(collectMetrics(declared, outputs)).toEqual({ scores: { r2: 1 }, tracked: { loss: 2 } });
  expect(collectMetrics([], outputs)).toBeNull();
});

const deep = (levels: number): unknown => (levels === 0 ? 0.5 : { a: deep(levels - 1) });
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, key) => [`k${key}`, key]));

it.each<[what: string, content: unknown, isTaken: boolean, type?: string]>([
  ["numbers", { r2: 0.5, folds: 3 }, true],
  ["numbers with words beside them", { model: "ridge", ok: true, note: null, r2: 0.5 }, true],
  ["numbers of 4 levels", deep(4), true],
  ["numbers of 5 levels", deep(5), false],
  ["a list of numbers", { folds: [0.1, 0.2] }, true],
  ["200 values", many(200), true],
  ["201 values", many(201), false],
  ["words alone", { title: "Houses" }, false],
  ["nothing", {}, false],
  ["a list of objects", { data: [{ x: [1, 2], type: "bar" }], layout: { width: 700 } }, false],
  ["a list of words", { columns: ["a", "b"], rows: 2 }, false],
  ["an empty figure", { data: [], layout: { width: 700 } }, false, "plotly.JSONDataset"],
  [
    "an empty figure, its class whole",
    { layout: { width: 700 } },
    false,
    "kedro_datasets.plotly.json_dataset.JSONDataset",
  ],
])("a JSON output of %s: are these metrics?", (_, content, isTaken, type = "json.JSONDataset") => {
  const location = makeFile(JSON.stringify(content));
  const entry = { config: { type }, versioned: false };
  const outputs = { out: { version: "v", location, bytes: 1, hash: null, entry, plain_location: null } };
  expect(collectMetrics(["out"], outputs)).toEqual(isTaken ? { out: content } : null);
});
