import { describe, expect, test } from "vitest";
import type { DatasetFacts } from "../../src/core/project-facts.ts";
import type { WorkflowDefinition } from "../../src/define/definition.ts";
import { toPlanJson } from "../../src/plan/show/plan-json.ts";
import { toPlanText } from "../../src/plan/show/plan-text.ts";
import { makeKedro, makeWorkflow } from "../rig/make-definition.ts";
import { expectPlan, makeSlice, planWith } from "./make-facts.ts";

const LAKE = { path: "/w/project/data/lake.db", suffix: null };
const TABLE: Partial<DatasetFacts> = { type: "ibis.TableDataset", location: null, places: [LAKE] };
const SERVER: Partial<DatasetFacts> = { type: "ibis.TableDataset", location: null };

function placesOf(facts: Partial<DatasetFacts>, workflow: Partial<WorkflowDefinition>, access = "outputs") {
  const slice = makeSlice({ [access]: ["t"], datasets: { t: facts } });
  const plan = expectPlan(planWith(makeWorkflow([makeKedro("a")], workflow), { a: slice }));
  return plan.runs[0]?.places ?? [];
}

describe("the file of an embedded database", () => {
  test.each<[string, Partial<WorkflowDefinition>]>([
    ["where its table floats", { floating: ["t"] }],
    ["where nothing is isolated", { isolate: "none" }],
  ])("is written by one run at a time %s", (_, workflow) => {
    expect(placesOf(TABLE, workflow)).toEqual([{ ...LAKE, access: "write" }]);
  });

  test("is read by several, unless its engine lets only one process open it", () => {
    expect(placesOf(TABLE, { floating: ["t"] }, "inputs")).toEqual([{ ...LAKE, access: "read" }]);
    expect(placesOf({ ...TABLE, alone: true }, { floating: ["t"] }, "inputs")).toEqual([{ ...LAKE, access: "write" }]);
  });

  test("of a run that reads one table and writes another is written", () => {
    const slice = makeSlice({ inputs: ["u"], outputs: ["t"], datasets: { t: TABLE, u: TABLE } });
    const plan = expectPlan(planWith(makeWorkflow([makeKedro("a")], { floating: ["t", "u"] }), { a: slice }));
    expect(plan.runs[0]?.places).toEqual([{ ...LAKE, access: "write" }]);
  });
});

test("a table on a server, and any other file that floats, are held by nobody", () => {
  expect(placesOf(SERVER, { floating: ["t"] })).toEqual([]);
  expect(placesOf({}, { floating: ["t"] })).toEqual([]);
  expect(placesOf({}, { isolate: "none" })).toEqual([{ path: "/w/project/data/t.csv", suffix: null, access: "write" }]);
});

describe("the plan says who takes turns", () => {
  const facts = (name: string) => makeSlice({ outputs: [name], datasets: { [name]: TABLE } });
  const floating = ["t", "u"];
  const plan = (needs: string[]) => {
    const workflow = makeWorkflow([makeKedro("a"), makeKedro("b", { needs })], { floating });
    return expectPlan(planWith(workflow, { a: facts("t"), b: facts("u") }));
  };
  const show = (needs: string[]) => toPlanText(plan(needs));

  test("of runs that may start together", () => {
    const lines = show([])
      .split("\n")
      .map((line) => line.trim());
    expect(lines).toContain("takes turns with b at data/lake.db");
    expect(lines).toContain("takes turns with a at data/lake.db");
  });

  test("as JSON too", () => {
    const told = toPlanJson(plan([])).runs.map(({ run, turns }) => [run, turns]);
    expect(told).toEqual([
      ["a", [{ path: LAKE.path, with: ["b"] }]],
      ["b", [{ path: LAKE.path, with: ["a"] }]],
    ]);
  });

  test("and not of runs that wait for each other", () => {
    expect(show(["a"])).not.toContain("takes turns");
    expect(JSON.stringify(toPlanJson(plan(["a"])))).not.toContain("turns");
  });
});
