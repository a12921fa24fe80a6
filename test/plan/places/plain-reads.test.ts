import { describe, expect, it } from "vitest";
import type { SliceFacts } from "../../../src/core/project-facts.ts";
import type { RunDefinition, WorkflowDefinition } from "../../../src/define/definition.ts";
import { listPlainReads } from "../../../src/plan/places/plain-reads.ts";
import { from, makeCommand, makeKedro, makeWorkflow } from "../../rig/make-definition.ts";
import { expectPlan, makeSlice, planWith } from "../make-facts.ts";

function listReads(
  runs: RunDefinition[],
  facts: Record<string, SliceFacts>,
  changes: Partial<WorkflowDefinition> = {},
): Record<string, string[]> {
  const plan = expectPlan(planWith(makeWorkflow(runs, changes), facts));
  const reads = listPlainReads(plan.runs, new Map(Object.entries(facts)));
  return Object.fromEntries([...reads].map(([run, datasets]) => [run, Object.keys(datasets)]));
}

const reader = makeSlice({ inputs: ["raw"], outputs: ["table"] });

describe("what a run reads at the project's own paths", () => {
  it("is what its slice reads, with its path", () => {
    const plan = expectPlan(planWith(makeWorkflow([makeKedro("prep")]), { prep: reader }));
    const reads = listPlainReads(plan.runs, new Map([["prep", reader]]));
    expect([...reads]).toEqual([
      ["prep", { raw: { path: "/w/project/data/raw.csv", suffix: "", ignored: [], version: null } }],
    ]);
  });

  it.each([
    ["what is in memory", { datasets: { raw: { type: "MemoryDataset", location: null, in_catalog: false } } }],
    ["remote data that the probe could not look at", { datasets: { raw: { location: "s3://bucket/raw.csv" } } }],
    ["another name of what the run writes", { datasets: { raw: { location: "/w/project/data/table.csv" } } }],
    ["a file in a folder that the run writes", { datasets: { raw: { location: "/w/project/data/table.csv/a.csv" } } }],
    ["a folder with a file that the run writes", { datasets: { raw: { location: "/w/project/data" } } }],
  ])("is not %s", (_, changes) => {
    const slice = makeSlice({ inputs: ["raw"], outputs: ["table"], ...changes });
    expect(listReads([makeKedro("prep")], { prep: slice })).toEqual({});
  });

  it.each([
    ["what the probe found on remote storage", {}, "s3://b/raw.csv"],
    ["the version that it found there", { versioned: true, latest_version: "1" }, "s3://b/raw.csv/1/raw.csv"],
  ])("is %s", (_, facts, path) => {
    const content = { path, bytes: 3, hash: "s3:etag:1" };
    const raw = { location: "s3://b/raw.csv", places: [{ path: "s3://b/raw.csv", suffix: null }], content, ...facts };
    const prep = makeSlice({ inputs: ["raw"], datasets: { raw } });
    const plan = expectPlan(planWith(makeWorkflow([makeKedro("prep")]), { prep }));
    expect([...listPlainReads(plan.runs, new Map([["prep", prep]]))]).toEqual([
      ["prep", { raw: expect.objectContaining({ path, remote: content }) }],
    ]);
    const other = { ...prep, datasets: { raw: { ...prep.datasets.raw, content: { ...content, path: "s3://b/2" } } } };
    expect(listReads([makeKedro("prep")], { prep: other as SliceFacts })).toEqual({});
  });

  it("is not another name of what floats and is written", () => {
    const out = { location: "/w/project/data/raw.csv" };
    const slice = makeSlice({ inputs: ["raw"], outputs: ["raw_out"], datasets: { raw_out: out } });
    expect(listReads([makeKedro("grow")], { grow: slice }, { floating: ["raw_out"] })).toEqual({});
  });

  it("is the version that the plan froze, after a command too", () => {
    const prep = makeSlice({ inputs: ["raw"], datasets: { raw: { versioned: true, latest_version: "1" } } });
    const runs = [makeCommand("fetch"), makeKedro("prep", { needs: ["fetch"] })];
    const plan = expectPlan(planWith(makeWorkflow(runs), { prep }));
    const read = { path: "/w/project/data/raw.csv/1/raw.csv", suffix: "", ignored: [], version: "1" };
    expect([...listPlainReads(plan.runs, new Map([["prep", prep]]))]).toEqual([["prep", { raw: read }]]);
    expect(listReads(runs, { prep }, { floating: ["raw"] })).toEqual({});
  });

  it("is a folder's files by their suffix, without what says how far it was read", () => {
    const places = [{ path: "/w/project/data/parts", suffix: ".csv" }];
    const parts = { type: "partitions.IncrementalDataset", location: "/w/project/data/parts", places };
    const prep = makeSlice({ inputs: ["parts"], datasets: { parts } });
    const plan = expectPlan(planWith(makeWorkflow([makeKedro("prep")]), { prep }));
    expect([...listPlainReads(plan.runs, new Map([["prep", prep]]))]).toEqual([
      ["prep", { parts: { path: "/w/project/data/parts", suffix: ".csv", ignored: ["CHECKPOINT"], version: null } }],
    ]);
  });

  it("is not what floats", () => {
    expect(listReads([makeKedro("prep")], { prep: reader }, { floating: ["raw"] })).toEqual({});
  });

  it("is not what another run gives it, under whatever name of the same file", () => {
    const runs = [
      makeKedro("first", { outputs: ["table"] }),
      makeKedro("next", { consumes: { table: from("first", "table") } }),
    ];
    const inputs = ["table", "alias", "other"];
    const next = makeSlice({ inputs, outputs: [], datasets: { alias: { location: "/w/project/data/table.csv" } } });
    expect(listReads(runs, { first: reader, next })).toEqual({ first: ["raw"], next: ["other"] });
  });

  it("is not known after a command, which may write what it likes", () => {
    const runs = [
      makeKedro("before"),
      makeCommand("fetch", { needs: ["before"] }),
      makeKedro("after", { needs: ["fetch"] }),
      makeKedro("last", { needs: ["after"] }),
      makeKedro("beside"),
    ];
    const slice = makeSlice({ inputs: ["raw"] });
    const reads = listReads(runs, { before: slice, after: slice, last: slice, beside: slice });
    expect(reads).toEqual({ before: ["raw"], beside: ["raw"] });
  });

  it("is not known after a run whose data are not all isolated", () => {
    const runs = [makeKedro("first"), makeKedro("next", { needs: ["first"] })];
    const slice = makeSlice({ inputs: ["raw"] });
    expect(listReads(runs, { first: slice, next: slice }, { isolate: "declared" })).toEqual({ first: ["raw"] });
  });
});
