import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listConsumed, listFrozen } from "../../src/core/select-reads.ts";
import type { RunDefinition } from "../../src/define/definition.ts";
import { expandRuns } from "../../src/plan/expand/expand.ts";
import { listWrites } from "../../src/plan/places/settle-reads.ts";
import { planRuns } from "../../src/plan/plan-workflow.ts";
import { from, makeCommand, makeKedro, makeMatrix, makeWorkflow } from "../rig/make-definition.ts";
import { countQuestions } from "./count-questions.ts";
import { expectPlan, IN_MEMORY, makeSlice, planWith } from "./make-facts.ts";

describe("planRuns", () => {
  test("puts runs in an order that can be executed, with their positions", () => {
    const runs = [
      makeCommand("report", { needs: ["train"] }),
      makeCommand("train", { matrix: makeMatrix({ seed: [1, 2] }), consumes: { t: from("prep", "t") } }),
      makeCommand("prep"),
    ];
    const plan = expectPlan(planWith(makeWorkflow(runs, { max_parallel: 3, on_failure: "continue" })));
    expect(plan.runs.map(({ run, index }) => [run, index])).toEqual([
      ["prep", 0],
      ["train[seed=1]", 1],
      ["train[seed=2]", 2],
      ["report", 3],
    ]);
    expect(plan).toMatchObject({
      workflow: "churn",
      file: "/w/churn.yaml",
      project_path: "/w/project",
      maxParallel: 3,
      onFailure: "continue",
      publish: [],
    });
  });

  test("reports cycles, each with its way round", () => {
    const runs = [
      makeCommand("a", { needs: ["b"] }),
      makeCommand("b", { needs: ["a"] }),
      makeCommand("c", { needs: ["c"] }),
    ];
    const plan = planWith(makeWorkflow(runs));
    expect(plan.ok ? [] : plan.problems.map(({ code, message, location }) => [code, message, location?.file])).toEqual([
      ["cycle", "a -> b -> a: each of these runs waits for the next", "runs/a"],
      ["cycle", "c -> c: each of these runs waits for the next", "runs/c"],
    ]);
  });

  test("keeps every edge of any workflow, and every run once", () => {
    const pairs = fc.array(fc.tuple(fc.nat(19), fc.nat(19), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(pairs, (edges) => {
        const runs = Array.from({ length: 20 }, (_, id) => {
          const up = edges.filter(([a, b]) => a > b && b === id);
          const needs = up.filter(([, , isNeed]) => isNeed).map(([a]) => `r${a}`);
          const consumes = up.filter(([, , isNeed]) => !isNeed).map(([a]) => [`d${a}`, from(`r${a}`, "d")]);
          return makeCommand(`r${id}`, { needs, consumes: Object.fromEntries(consumes) });
        });
        const plan = expectPlan(planWith(makeWorkflow(runs)));
        const index = new Map(plan.runs.map((run) => [run.run, run.index]));
        expect(index.size).toBe(20);
        for (const { name, needs, consumes } of runs) {
          const upstream = [...needs, ...Object.values(consumes).map(({ run }) => run)];
          for (const run of upstream) expect(index.get(run)).toBeLessThan(index.get(name) ?? -1);
          const planned = plan.runs[index.get(name) ?? -1]?.needs ?? [];
          expect([...planned].sort()).toEqual([...new Set(upstream)].sort());
        }
      }),
    );
  });
});

describe("writes", () => {
  test("are what has a place: entries of the catalog, and declared memory", () => {
    const datasets = { memo: IN_MEMORY, declared: IN_MEMORY, listed: { ...IN_MEMORY, in_catalog: true } };
    const slice = makeSlice({ inputs: ["raw"], outputs: ["table", "memo", "declared", "listed", "x@csv"], datasets });
    const plan = expectPlan(planWith(makeWorkflow([makeKedro("a", { outputs: ["declared", "x"] })]), { a: slice }));
    expect(plan.runs.flatMap(listWrites)).toEqual(["table", "declared", "x@csv"]);
  });

  test("are what is declared, of a command and of a run without facts", () => {
    const command = makeCommand("a", { outputs: { one: { path: null }, two: { path: "/w/two" } } });
    const plan = expectPlan(planWith(makeWorkflow([command, makeKedro("b", { outputs: ["model"] })])));
    expect(plan.runs.map(listWrites)).toEqual([["one", "two"], ["model"]]);
  });
});

test("frozen are the versions of what is read, versioned and not consumed", () => {
  const versioned = { versioned: true, latest_version: "2026-01-01T00.00.00.000Z" };
  const inputs = ["old", "plain", "floats", "table", "t@csv"];
  const datasets = { old: versioned, floats: versioned, table: versioned, "t@csv": versioned };
  const train = makeKedro("train", { consumes: { table: from("prep", "table"), t: from("prep", "table") } });
  const plan = planWith(makeWorkflow([makeKedro("prep", { outputs: ["table"] }), train], { floating: ["floats"] }), {
    train: makeSlice({ inputs, datasets }),
  });
  const { reads = {} } = expectPlan(plan).runs[1] ?? {};
  expect(listFrozen({ reads })).toEqual([["old", { rule: "frozen", version: "2026-01-01T00.00.00.000Z" }]]);
  expect(reads.floats).toEqual({ rule: "floating" });
});

describe("transcoded datasets", () => {
  const prep = makeKedro("prep", { outputs: ["table"] });
  const written = makeSlice({ outputs: ["table@spark"] });
  const consume = (names: string[], reads: string[]) => {
    const consumes = Object.fromEntries(names.map((name) => [name, from("prep", "table")]));
    const facts = { prep: written, train: makeSlice({ inputs: reads }) };
    const plan = expectPlan(planWith(makeWorkflow([prep, makeKedro("train", { consumes })]), facts));
    return listConsumed({ reads: plan.runs[1]?.reads ?? {} }).map(
      ([name, { run, dataset }]) => `${name}=${run}/${dataset}`,
    );
  };

  test.each<[string, string[], string[], string[]]>([
    [
      "a plain name settles every format that is read",
      ["table"],
      ["table@spark", "table@pandas"],
      ["table@spark", "table@pandas"],
    ],
    [
      "one format settles its siblings",
      ["table@pandas"],
      ["table@spark", "table@pandas"],
      ["table@spark", "table@pandas"],
    ],
    ["a name that is read as it is, is settled", ["table"], ["table"], ["table"]],
    [
      "siblings named one by one are each settled",
      ["table@spark", "table@pandas"],
      ["table@spark", "table@pandas"],
      ["table@spark", "table@pandas"],
    ],
  ])("%s", (_, names, reads, settled) => {
    expect(consume(names, reads)).toEqual(settled.map((name) => `${name}=prep/table@spark`));
  });

  test("keep the names of the workflow where no slice is known", () => {
    const plan = planWith(
      makeWorkflow([
        makeCommand("a", { outputs: { t: { path: null } } }),
        makeCommand("b", { consumes: { "x@y": from("a", "t") } }),
      ]),
    );
    expect(expectPlan(plan).runs[1]?.reads).toEqual({
      "x@y": { rule: "consumed", run: "a", dataset: "t", as: "upstream" },
    });
  });
});

describe("twice as many runs", () => {
  const shapes: Record<string, (size: number) => RunDefinition[]> = {
    "in a chain": (size) =>
      Array.from({ length: size }, (_, id) => {
        return makeCommand(`r${id}`, { consumes: id === 0 ? {} : { d: from(`r${id - 1}`, "d") } });
      }),
    "in a fan": (size) => [
      makeCommand("first"),
      makeCommand("wide", { matrix: makeMatrix({ a: [...Array(size).keys()] }), needs: ["first"] }),
      makeCommand("end", { needs: ["wide"] }),
    ],
    "of one project": (size) =>
      Array.from({ length: size }, (_, id) => makeKedro(`r${id}`, { needs: id === 0 ? [] : [`r${id - 1}`] })),
  };

  test.each(Object.entries(shapes))("%s take little more than twice as many questions", (_, makeRuns) => {
    const slice = makeSlice({ inputs: ["raw"], outputs: ["out"] });
    const [some = 0, twice = 0] = [1_000, 2_000].map((size) => {
      const workflow = makeWorkflow(makeRuns(size), { isolate: "none" });
      const expanded = expandRuns(workflow, {});
      if (!expanded.ok) throw new Error("it can't be expanded");
      const isKedro = expanded.value.some(({ task }) => task.kind === "kedro");
      const slices = isKedro ? expanded.value.map(({ run }) => [run, { ...slice }] as const) : [];
      const { things, count } = countQuestions({ runs: expanded.value, slices });
      expectPlan(planRuns(workflow, things.runs, new Map(things.slices)));
      return count();
    });
    expect(some).toBeGreaterThan(10_000);
    // Sorting takes n log n of them.
    expect(twice / some).toBeLessThan(2.5);
  });
});

describe("100,000 runs", { timeout: 1_800_000 }, () => {
  const SIZE = 100_000;

  test("in a chain are planned without a limit of the stack", () => {
    const runs = Array.from({ length: SIZE }, (_, id) => {
      const consumes = id === SIZE - 1 ? {} : { d: from(`r${id + 1}`, "d") };
      return makeCommand(`r${id}`, { consumes });
    });
    const plan = expectPlan(planWith(makeWorkflow(runs)));
    expect(plan.runs).toHaveLength(SIZE);
    expect(plan.runs[0]?.run).toBe(`r${SIZE - 1}`);
    expect(plan.runs.at(-1)?.run).toBe("r0");
  });

  test("in a fan are planned, the last one after all", () => {
    const wide = makeMatrix({ a: [...Array(1000).keys()], b: [...Array(100).keys()] });
    const runs = [
      makeCommand("end", { needs: ["wide"] }),
      makeCommand("wide", { matrix: wide, needs: ["first"] }),
      makeCommand("first"),
    ];
    const plan = expectPlan(planWith(makeWorkflow(runs)));
    expect(plan.runs).toHaveLength(SIZE + 2);
    expect(plan.runs[0]?.run).toBe("first");
    expect(plan.runs.at(-1)?.needs).toHaveLength(SIZE);
  });

  test("of one project are checked against each other", () => {
    const runs = Array.from({ length: SIZE }, (_, id) =>
      makeKedro(`r${id}`, { needs: id === 0 ? [] : [`r${id - 1}`] }),
    );
    const slice = makeSlice({ inputs: ["raw"], outputs: ["out"] });
    const facts = Object.fromEntries(runs.map(({ name }) => [name, slice]));
    expect(planWith(makeWorkflow(runs, { isolate: "none" }), facts)).toMatchObject({ ok: true, warnings: [] });
  });
});
