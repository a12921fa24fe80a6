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
