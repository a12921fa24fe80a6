import { describe, expect, test } from "vitest";
import type { DatasetFacts, SliceFacts } from "../../../src/core/project-facts.ts";
import type { RunDefinition, WorkflowDefinition } from "../../../src/define/definition.ts";
import { from, makeKedro, makeWorkflow } from "../../rig/make-definition.ts";
import { IN_MEMORY, makeSlice, planWith } from "../make-facts.ts";

const TABLE: Partial<DatasetFacts> = { type: "pandas.SQLTableDataset", location: null };

function summarize(
  runs: RunDefinition[],
  facts: Record<string, SliceFacts>,
  workflow: Partial<WorkflowDefinition> = {},
): string[] {
  const plan = planWith(makeWorkflow(runs, workflow), facts);
  return (plan.ok ? plan.warnings : plan.problems).map(({ code, severity, location, message, hint }) => {
    return `${severity} ${code} ${location?.file}: ${message}${hint === null ? "" : ` | ${hint}`}`;
  });
}

describe("a table", () => {
  const writer = { a: makeSlice({ outputs: ["t"], datasets: { t: TABLE } }) };
  const written =
    'error no-place runs/a/pipeline: a writes "t" (pandas.SQLTableDataset), which has no path: it can\'t have its own path in each run | list "t" under `floating`';
  const declared =
    'error no-version-of runs/a/outputs/0: a declares the output "t" (pandas.SQLTableDataset), which has no path: there are no versions of it to consume | leave it out, list it under `floating`, and let its readers say `needs: [a]`';

  test.each<[string, string[], Partial<WorkflowDefinition>, string[]]>([
    ["can't be isolated", [], { isolate: "all" }, [written]],
    ["floats if its author says so", [], { isolate: "all", floating: ["t"] }, []],
    ["need not be isolated where only declared outputs are", [], { isolate: "declared" }, []],
    ["need not be isolated where nothing is", [], { isolate: "none" }, []],
    ["can't be declared as an output", ["t"], { isolate: "all" }, [declared]],
    ["can't be declared as an output where it floats", ["t"], { isolate: "all", floating: ["t"] }, [declared]],
    ["can't be declared as an output without isolation", ["t"], { isolate: "none" }, [declared]],
  ])("that is written %s", (_, outputs, workflow, problems) => {
    expect(summarize([makeKedro("a", { outputs })], writer, workflow)).toEqual(problems);
  });

  test("that is read can't be pinned, and has to float", () => {
    const reader = { a: makeSlice({ inputs: ["t"], datasets: { t: TABLE } }) };
    expect(summarize([makeKedro("a")], reader)).toEqual([
      'error unpinned runs/a/pipeline: a reads "t" (pandas.SQLTableDataset), which has no path, so no version of it can be pinned | list "t" under `floating` if it may be read as it is when the run starts',
    ]);
    expect(summarize([makeKedro("a")], reader, { floating: ["t"] })).toEqual([]);
  });

  test("that another run writes can be waited for, and not consumed", () => {
    const slices = { ...writer, b: makeSlice({ inputs: ["t"], datasets: { t: TABLE } }) };
    const [a, b] = [makeKedro("a"), makeKedro("b", { needs: ["a"] })];
    expect(summarize([a, b], slices, { isolate: "declared" })).toContain(
      'error not-consumed runs/b/consumes: b reads "t", which a writes to the same path, without consuming it | list "t" under `floating`, and let "b" say `needs: [a]`',
    );
    expect(summarize([a, b], slices, { floating: ["t"] })).toEqual([]);
  });
});

describe("two tables of one database file", () => {
  const place = { path: "/w/project/data/lake.db", suffix: null };
  const table = { ...TABLE, places: [place] };

  test("that two runs write are said to be in that file", () => {
    const slices = {
      a: makeSlice({ outputs: ["t"], datasets: { t: table } }),
      b: makeSlice({ outputs: ["u"], datasets: { u: table } }),
    };
    expect(summarize([makeKedro("a"), makeKedro("b")], slices, { isolate: "none" })).toEqual([
      "error write-conflict runs/b: a and b may run at the same time, and a writes t, b writes u to the same file, data/lake.db | let one need the other, isolate them, or list the datasets under `floating`",
    ]);
    expect(summarize([makeKedro("a"), makeKedro("b")], slices, { floating: ["t", "u"] })).toEqual([]);
  });

  test("of which one is read and the other is written are told apart", () => {
    const slices = {
      a: makeSlice({ outputs: ["t"], datasets: { t: table } }),
      b: makeSlice({ inputs: ["u"], datasets: { u: table } }),
    };
    expect(summarize([makeKedro("a"), makeKedro("b")], slices, { isolate: "none" })).toContain(
      'error not-consumed runs/b/consumes: b reads "u" without consuming it, and a writes "t" to the same file, data/lake.db | list "u" under `floating`, and let "b" say `needs: [a]`',
    );
  });
});

test("what lives in memory is nobody's business", () => {
  const slice = makeSlice({ inputs: ["m"], outputs: ["n"], datasets: { m: IN_MEMORY, n: IN_MEMORY } });
  const listed = { m: { ...IN_MEMORY, in_catalog: true }, n: { ...IN_MEMORY, in_catalog: true } };
  const consumer = makeKedro("a", { outputs: ["n"], consumes: { m: from("z", "m") } });
  const maker = makeKedro("z", { outputs: ["m"] });
  expect(summarize([maker, consumer], { a: { ...slice, datasets: { ...slice.datasets } } })).toEqual([]);
  expect(summarize([makeKedro("a")], { a: makeSlice({ outputs: ["n"], datasets: listed }) })).toEqual([]);
});

describe("a name under floating", () => {
  const facts = { a: makeSlice({ inputs: ["raw"], outputs: ["scores_table"] }) };
  const floating = ["scores_tabel", "raw"];

  test("that no run knows was probably meant to be another", () => {
    expect(summarize([makeKedro("a")], facts, { floating })).toEqual([
      'warning unknown-floating floating/0: no run reads or writes "scores_tabel" | did you mean "scores_table"?',
    ]);
  });

  test("is not judged while a project is silent", () => {
    expect(summarize([makeKedro("a"), makeKedro("b")], facts, { floating })).toEqual([]);
  });
});
