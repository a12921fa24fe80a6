import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Problem } from "../../../src/core/error/problem.ts";
import type { Place } from "../../../src/core/place.ts";
import type { Isolation } from "../../../src/core/port/runner.ts";
import type { DatasetFacts, SliceFacts } from "../../../src/core/project-facts.ts";
import type { RunDefinition, WorkflowDefinition } from "../../../src/define/definition.ts";
import { buildGraph } from "../../../src/plan/graph.ts";
import { from, makeKedro, makeMatrix, makeWorkflow } from "../../rig/make-definition.ts";
import { IN_MEMORY, makeSlice, planWith } from "../make-facts.ts";

interface Situation {
  runs: RunDefinition[];
  facts: Record<string, SliceFacts>;
  workflow?: Partial<WorkflowDefinition>;
}

function problemsOf({ runs, facts, workflow }: Situation): Problem[] {
  const plan = planWith(makeWorkflow(runs, workflow), facts);
  return plan.ok ? plan.warnings : plan.problems;
}

function summarize(problems: Problem[]): string[] {
  return problems.map(({ code, severity, location, message, hint }) => {
    return `${severity} ${code} ${location?.file}: ${message}${hint === null ? "" : ` | ${hint}`}`;
  });
}

const MEND = "let one need the other, isolate them, or list the datasets under `floating`";
const MEND_ARMS =
  "isolate them, list the datasets under `floating`, or give each variant its own path: use `runtime_params` in the catalog, and another value in the `params` of each";

describe("two runs that write one place", () => {
  const two = (needs: string[] = [], changes: Partial<DatasetFacts> = {}): Situation => {
    const slice = makeSlice({ outputs: ["table"], datasets: { table: changes } });
    return { runs: [makeKedro("a"), makeKedro("b", { needs })], facts: { a: slice, b: slice } };
  };
  const conflict = `error write-conflict runs/b: a and b may run at the same time, and both write table to the same path | ${MEND}`;
  const TABLE: Partial<DatasetFacts> = { type: "pandas.SQLTableDataset", location: null };

  test.each<[string, Situation, Partial<WorkflowDefinition>, string[]]>([
    ["isolated, are fine", two(), { isolate: "all" }, []],
    ["not isolated, conflict", two(), { isolate: "none" }, [conflict]],
    ["not among the isolated, conflict", two(), { isolate: "declared" }, [conflict]],
    ["one after the other, are fine", two(["a"]), { isolate: "none" }, []],
    ["and float, are fine", two(), { isolate: "none", floating: ["table"] }, []],
    ["that the project versions, are fine", two([], { versioned: true }), { isolate: "none" }, []],
    ["which is memory, are fine", two([], IN_MEMORY), { isolate: "none" }, []],
    ["which is listed memory, are fine", two([], { ...IN_MEMORY, in_catalog: true }), { isolate: "none" }, []],
    ["which is a table, conflict", two([], TABLE), { isolate: "declared" }, [conflict]],
    ["which is a table, one after the other, are fine", two(["a"], TABLE), { isolate: "declared" }, []],
  ])("%s", (_, situation, workflow, problems) => {
    expect(summarize(problemsOf({ ...situation, workflow }))).toEqual(problems);
  });

  test("of which one declares it, conflict only under the other's plain path", () => {
    const slice = makeSlice({ outputs: ["table"] });
    const runs = [makeKedro("a", { outputs: ["table"] }), makeKedro("b")];
    const facts = { a: slice, b: slice };
    expect(problemsOf({ runs, facts, workflow: { isolate: "declared" } })).toEqual([]);
  });

  test("under different names are found, and in folders of each other", () => {
    const at = (name: string, location: string): SliceFacts =>
      makeSlice({ outputs: [name], datasets: { [name]: { location } } });
    const workflow = { isolate: "none" } as const;
    const codes = (first: string, second: string): string[] => {
      const facts = { a: at("x", first), b: at("y", second) };
      return problemsOf({ runs: [makeKedro("a"), makeKedro("b")], facts, workflow }).map(({ code }) => code);
    };
    expect(codes("/d/f.csv", "/d/f.csv")).toEqual(["write-conflict"]);
    expect(codes("/d/parts/", "/d/parts/one.csv")).toEqual(["write-conflict"]);
    expect(codes("/d/parts/one.csv", "/d/parts")).toEqual(["write-conflict"]);
    expect(codes("/d/parts", "/d/parts2")).toEqual([]);
    expect(codes("s3://bucket/a", "s3://bucket/a/b")).toEqual(["write-conflict"]);
  });

  test("are found where their data really are, at any of their places", () => {
    const at = (places: Place[]): SliceFacts => makeSlice({ outputs: ["x"], datasets: { x: { places } } });
    const codes = (first: Place[], second: Place[]): string[] => {
      const runs = [makeKedro("a"), makeKedro("b")];
      const facts = { a: at(first), b: at(second) };
      return problemsOf({ runs, facts, workflow: { isolate: "none" } }).map(({ code }) => code);
    };
    const file = (path: string): Place => ({ path, suffix: null });
    const folder = (path: string, suffix: string): Place => ({ path, suffix });
    expect(codes([file("/real/f")], [file("/real/f")])).toEqual(["write-conflict"]);
    expect(codes([file("/d/f"), file("/d/index")], [file("/d/index")])).toEqual(["write-conflict"]);
    expect(codes([folder("/d", ".csv")], [file("/d/a.json")])).toEqual([]);
    expect(codes([folder("/d", ".csv")], [file("/d/a.csv")])).toEqual(["write-conflict"]);
    expect(codes([file("/d/deep/a.csv")], [folder("/d", ".csv")])).toEqual(["write-conflict"]);
    expect(codes([folder("/d", ".csv")], [folder("/d", ".json")])).toEqual([]);
    expect(codes([folder("/d", ".gz")], [folder("/d/sub", ".csv.gz")])).toEqual(["write-conflict"]);
    expect(codes([folder("/d", "")], [folder("/d", ".json")])).toEqual(["write-conflict"]);
    expect(codes([folder("/d", ".csv")], [file("/d")])).toEqual(["write-conflict"]);
  });

  test("neighbours in a folder don't conflict because of a third that writes it whole", () => {
    const at = (location: string): SliceFacts => makeSlice({ outputs: ["x"], datasets: { x: { location } } });
    const runs = [makeKedro("whole"), makeKedro("b", { needs: ["whole"] }), makeKedro("c", { needs: ["whole"] })];
    const facts = { whole: at("/d"), b: at("/d/b.csv"), c: at("/d/c.csv") };
    expect(problemsOf({ runs, facts, workflow: { isolate: "none" } })).toEqual([]);
  });

  test("as arms of one run are said once, with all their datasets", () => {
    const runs = [makeKedro("train", { matrix: makeMatrix({ seed: [1, 2, 3] }) })];
    const facts = { train: makeSlice({ outputs: ["model", "metrics"] }) };
    expect(summarize(problemsOf({ runs, facts, workflow: { isolate: "none" } }))).toEqual([
      `error write-conflict runs/train: train[seed=1] and train[seed=2] may run at the same time, and both write model, metrics to the same path | ${MEND_ARMS}`,
    ]);
  });

  test("are found in any graph exactly if some pair of them is not in order", () => {
    const sized = fc.integer({ min: 2, max: 12 });
    const random = sized.chain((size) =>
      fc.record({
        size: fc.constant(size),
        edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 30 }),
        writers: fc.uniqueArray(fc.nat(size - 1), { maxLength: size }),
      }),
    );
    fc.assert(
      fc.property(random, ({ size, edges, writers }) => {
        const runs = Array.from({ length: size }, (_, id) => {
          const needs = new Set(edges.filter(([a, b]) => a < b && b === id).map(([a]) => `r${a}`));
          return makeKedro(`r${id}`, { needs: [...needs] });
        });
        const slices = runs.map(({ name }, id) => [name, makeSlice({ outputs: writers.includes(id) ? ["x"] : [] })]);
        const found = problemsOf({ runs, facts: Object.fromEntries(slices), workflow: { isolate: "none" } });
        const graph = buildGraph(runs.map(({ name, needs }) => ({ run: name, needs })));
        const unordered = writers.some((a) => writers.some((b) => a < b && !graph.ancestors(`r${b}`).has(`r${a}`)));
        expect(found.map(({ code }) => code)).toEqual(unordered ? ["write-conflict"] : []);
      }),
    );
  });
});

test("a run that reads what nobody has made yet, and that another run makes, can't succeed", () => {
  const facts = {
    maker: makeSlice({ outputs: ["table"] }),
    reader: makeSlice({ inputs: ["table"], datasets: { table: { is_missing: true } } }),
  };
  const runs = [makeKedro("maker", { outputs: ["table"] }), makeKedro("reader")];
  expect(summarize(problemsOf({ runs, facts, workflow: { isolate: "all" } }))).toEqual([
    'error not-consumed runs/reader/consumes: reader reads "table", which only maker writes, without consuming it | consumes: { table: maker }',
  ]);
});

test.each([
  ["of other axes", {}, 'consumes: { table: { run: maker, where: { month: 2 } } }, or another variant of "maker"'],
  ["of the same axes", { month: [3] }, 'consumes: { table: { run: maker, where: { month: "${matrix.month}" } } }'],
])("an arm is named as consumes takes it by a run %s", (_, axes, hint) => {
  const facts = {
    maker: makeSlice({ outputs: ["table"] }),
    reader: makeSlice({ inputs: ["table"], datasets: { table: { is_missing: true } } }),
  };
  const matrix = Object.keys(axes).length === 0 ? null : makeMatrix(axes);
  const maker = makeKedro("maker", { outputs: ["table"], matrix: makeMatrix({ month: [2, 3] }) });
  const [problem] = problemsOf({ runs: [maker, makeKedro("reader", { matrix })], facts, workflow: { isolate: "all" } });
  expect([problem?.code, problem?.hint]).toEqual(["not-consumed", hint]);
});

describe("a run that reads, under another name, what it writes itself", () => {
  const location = "/d/table.csv";
  const slice = (alias: Partial<DatasetFacts>): SliceFacts =>
    makeSlice({
      inputs: ["alias"],
      outputs: ["table"],
      datasets: { table: { ...alias, location }, alias: { ...alias, location } },
    });
  const found = (isolate: Isolation, alias: Partial<DatasetFacts> = {}): string[] => {
    const facts = { a: slice(alias), b: slice(alias) };
    return problemsOf({ runs: [makeKedro("a"), makeKedro("b", { needs: ["a"] })], facts, workflow: { isolate } }).map(
      ({ code, location: place }) => `${code} ${place?.file}`,
    );
  };

  test("gets its own data, whoever else writes there", () => {
    expect(found("all")).toEqual([]);
    expect(found("none", { versioned: true })).toEqual([]);
  });

  test("gets those of others where nothing is isolated", () => {
    expect(found("none")).toEqual(["not-consumed runs/b/consumes"]);
  });
});

describe("a run that reads without consuming", () => {
  const read = (
    isolate: Isolation,
    edges: { maker?: string[]; reader?: string[] } = {},
    changes: Partial<DatasetFacts> = {},
  ): Situation => ({
    runs: [
      makeKedro("maker", { outputs: ["table"], needs: edges.maker ?? [] }),
      makeKedro("reader", { needs: edges.reader ?? [] }),
    ],
    facts: {
      maker: makeSlice({ outputs: ["table"], datasets: { table: changes } }),
      reader: makeSlice({ inputs: ["table"], datasets: { table: changes } }),
    },
    workflow: { isolate },
  });
  const plain =
    'error not-consumed runs/reader/consumes: reader reads "table", which maker writes to the same path, without consuming it | consumes: { table: maker }';
  const own =
    'warning not-consumed runs/reader/consumes: reader reads "table", which maker writes, without consuming it: it gets what was there before | consumes: { table: maker }';

  test.each<[string, Situation, string[]]>([
    ["what another run writes meanwhile, can't be settled", read("none"), [plain]],
    ["what another run writes before, can't be settled either", read("none", { reader: ["maker"] }), [plain]],
    ["what another run writes after it, is settled", read("none", { maker: ["reader"] }), []],
    ["what another run writes to a place of its own, is warned", read("all"), [own]],
    ["what another run declares, is warned", read("declared"), [own]],
    [
      "what another run makes a version of, is warned",
      read("none", {}, { versioned: true, latest_version: "v1" }),
      [own],
    ],
    [
      "a version that does not exist, is an error by itself",
      read("all", {}, { versioned: true }),
      [
        'error no-version runs/reader/pipeline: reader reads "table", and there is no version of it | consumes: { table: maker }',
      ],
    ],
  ])("%s", (_, situation, problems) => {
    expect(summarize(problemsOf(situation))).toEqual(problems);
  });

  test("is fine once it consumes, and where the dataset floats", () => {
    const situation = read("none");
    const consumes = { table: from("maker", "table") };
    const [maker] = situation.runs;
    expect(
      problemsOf({ ...situation, runs: [maker ?? makeKedro("maker"), makeKedro("reader", { consumes })] }),
    ).toEqual([]);
    expect(problemsOf({ ...situation, workflow: { isolate: "none", floating: ["table"] } })).toEqual([]);
  });

  test("a folder of which another run writes a file, can't be settled", () => {
    const facts = {
      maker: makeSlice({ outputs: ["part"], datasets: { part: { location: "/d/parts/1.csv" } } }),
      reader: makeSlice({ inputs: ["parts"], datasets: { parts: { location: "/d/parts" } } }),
    };
    const problems = problemsOf({
      runs: [makeKedro("maker"), makeKedro("reader")],
      facts,
      workflow: { isolate: "none" },
    });
    expect(summarize(problems)).toEqual([
      'error not-consumed runs/reader/consumes: reader reads "parts" without consuming it, and maker writes "part" to the same path | if it should read what was there before: `needs: [reader]` of "maker"',
    ]);
  });

  test("what only the last of several arms makes after it, is still reported", () => {
    const maker = makeKedro("maker", { outputs: ["table"], needs: ["reader"] });
    const late = makeKedro("late", { outputs: ["table"] });
    const situation = read("all");
    const facts = { ...situation.facts, late: makeSlice({ outputs: ["table"] }) };
    const problems = problemsOf({ runs: [maker, makeKedro("reader"), late], facts });
    expect(problems.map(({ message }) => message)).toEqual([
      'reader reads "table", which late writes, without consuming it: it gets what was there before',
    ]);
  });
});
