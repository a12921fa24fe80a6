import { describe, expect, test } from "vitest";
import type { DatasetFacts } from "../../../src/core/project-facts.ts";
import type { JsonObject } from "../../../src/core/run.ts";
import type { InjectDefinition } from "../../../src/define/definition.ts";
import { from, makeCommand, makeKedro, makeWorkflow } from "../../rig/make-definition.ts";
import { IN_MEMORY, makeSlice, planWith } from "../make-facts.ts";

const file: InjectDefinition = { kind: "file", path: "/w/other.csv" };
const value: InjectDefinition = { kind: "value", value: 1 };
const earlier: InjectDefinition = { kind: "run_id", run_id: "2026-11", dataset: "table", as: "upstream" };

function codesOf(checked: ReturnType<typeof planWith>): string[] {
  const problems = checked.ok ? checked.warnings : checked.problems;
  return problems.map(({ severity, code, location }) => `${severity} ${code} ${location?.file}`);
}

const OWN_PICKLE = "runweave_worker.datasets.PickleDataset";
const CACHED = "kedro.io.CachedDataset";
const cachedBy = (type: string): JsonObject => ({ type: CACHED, dataset: { type } });

describe("a dataset from outside the session", () => {
  const table: Partial<DatasetFacts> = { type: "pandas.SQLTableDataset", location: null };
  test.each<[string, InjectDefinition, Partial<DatasetFacts>, string[]]>([
    ["is a file that an entry reads", file, {}, []],
    ["is a file that no entry reads", file, IN_MEMORY, ["error no-entry runs/use/consumes/table"]],
    [
      "is a file for an entry in memory",
      file,
      { ...IN_MEMORY, in_catalog: true },
      ["error no-entry runs/use/consumes/table"],
    ],
    ["is a file for an entry without a path", file, table, ["error no-path runs/use/consumes/table"]],
    ["is a value in no catalog", value, IN_MEMORY, []],
    ["is a value in place of a table", value, table, []],
    ["is of an earlier run, with its own entry", earlier, IN_MEMORY, []],
    [
      "is of an earlier run, through an entry that is not there",
      { ...earlier, as: "downstream" },
      IN_MEMORY,
      ["error no-entry runs/use/consumes/table"],
    ],
  ])("%s", (_, injected, facts, problems) => {
    const use = makeKedro("use", { injects: { table: injected } });
    const slice = makeSlice({ inputs: ["table"], datasets: { table: facts } });
    expect(codesOf(planWith(makeWorkflow([use]), { use: slice }))).toEqual(problems);
  });

  test.each<[string, string | JsonObject, Partial<InjectDefinition>, Partial<DatasetFacts>, string[]]>([
    ["by the same class in the catalog", "pickle.PickleDataset", {}, { type: "pickle.PickleDataset" }, []],
    ["of another class in the catalog", "pickle.PickleDataset", {}, {}, ["executing-class"]],
    ["in no catalog", "joblib.JoblibDataset", {}, IN_MEMORY, ["executing-class"]],
    ["through the own entry", "pickle.PickleDataset", { as: "downstream" }, {}, []],
    ["that the record alone has in no catalog", OWN_PICKLE, {}, IN_MEMORY, ["executing-class"]],
    ["that was in no catalog, and is in one", OWN_PICKLE, {}, { type: "json.JSONDataset" }, ["executing-class"]],
    ["wrapped in no catalog", cachedBy(OWN_PICKLE), {}, IN_MEMORY, ["executing-class"]],
    ["wrapped as in the catalog", cachedBy("pickle.PickleDataset"), {}, { type: CACHED }, ["executing-class"]],
    ["wrapped, and not executing", cachedBy("json.JSONDataset"), {}, { type: CACHED }, []],
  ])("is not executed while it is loaded because its writer says so: one %s", (_, type, how, facts, codes) => {
    const use = makeKedro("use", { injects: { table: { ...earlier, ...how } as InjectDefinition } });
    const slice = makeSlice({ inputs: ["table"], datasets: { table: facts } });
    const planned = planWith(makeWorkflow([use]), { use: slice }, type);
    expect(planned.ok ? [] : planned.problems.map(({ code }) => code)).toEqual(codes);
  });

  test("is loaded as our own pickle if its writer's plan has it in no catalog, and the reader's has it in none either", () => {
    const use = makeKedro("use", { injects: { table: earlier } });
    const plan = (facts: Partial<DatasetFacts>, type: string | JsonObject) =>
      planWith(makeWorkflow([use]), { use: makeSlice({ inputs: ["table"], datasets: { table: facts } }) }, type, {
        in_no_catalog: true,
      }).ok;
    expect(plan(IN_MEMORY, OWN_PICKLE)).toBe(true);
    expect(plan({ type: "json.JSONDataset" }, OWN_PICKLE)).toBe(false);
    expect(plan(IN_MEMORY, "joblib.JoblibDataset")).toBe(false);
    expect(plan(IN_MEMORY, cachedBy(OWN_PICKLE))).toBe(false);
  });

  test("has to be read by the run", () => {
    const use = makeKedro("use", { injects: { tabel: value } });
    const checked = planWith(makeWorkflow([use]), { use: makeSlice({ inputs: ["table"] }) });
    expect(checked).toMatchObject({ problems: [{ code: "not-read", hint: 'did you mean "table"?' }] });
  });

  test("may not be one that the run writes itself", () => {
    const use = makeKedro("use", { injects: { table: value } });
    const checked = planWith(makeWorkflow([use]), { use: makeSlice({ outputs: ["table"] }) });
    expect(codesOf(checked)).toContain("error written-by-itself runs/use/consumes/table");
  });

  test("settles every format of its name, and takes the place of the project's own version", () => {
    const use = makeKedro("use", { injects: { table: file } });
    const versioned = { versioned: true, latest_version: "2026-01-01T00.00.00.000Z" };
    const slice = makeSlice({
      inputs: ["table@a", "table@b"],
      datasets: { "table@a": versioned, "table@b": versioned },
    });
    const plan = planWith(makeWorkflow([use]), { use: slice });
    const [run] = plan.ok ? plan.value.runs : [];
    expect(Object.entries(run?.reads ?? {}).map(([name, { rule }]) => [name, rule])).toEqual([
      ["table@a", "file"],
      ["table@b", "file"],
    ]);
  });

  test("may not disagree with another format of its name", () => {
    const prep = makeKedro("prep", { outputs: ["table"] });
    const use = makeKedro("use", { consumes: { "table@a": from("prep", "table") }, injects: { "table@b": value } });
    const facts = { prep: makeSlice({ outputs: ["table"] }), use: makeSlice({ inputs: ["table@a", "table@b"] }) };
    expect(codesOf(planWith(makeWorkflow([prep, use]), facts))).toContain(
      "error sibling-conflict runs/use/consumes/table@a",
    );
  });

  test("may not be a file that a command of the session writes", () => {
    const make = makeCommand("make", { outputs: { bundle: { path: "/w/other.csv" } } });
    const use = makeCommand("use", { injects: { table: file } });
    const checked = planWith(makeWorkflow([make, use]));
    expect(checked).toMatchObject({
      problems: [
        {
          code: "injected-and-written",
          message: "use reads the file other.csv as it was before the session, and make writes it",
          hint: "consumes: { table: { run: make, dataset: bundle } }",
        },
      ],
    });
  });

  test("may not be a file that another run of the session writes in place", () => {
    const make = makeKedro("make", { outputs: ["table"] });
    const use = makeCommand("use", { injects: { table: { kind: "file", path: "/w/project/data/table.csv" } } });
    const workflow = makeWorkflow([make, use], { isolate: "none" });
    const facts = { make: makeSlice({ outputs: ["table"] }) };
    const checked = planWith(workflow, facts);
    expect(codesOf(checked)).toEqual(["error not-consumed runs/use/consumes"]);
    const message =
      'use reads the file project/data/table.csv as "table", which make writes to the same path, without consuming it';
    expect(checked).toMatchObject({ problems: [{ message, hint: "consumes: { table: make }" }] });
  });
});
