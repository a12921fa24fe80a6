import { expect, test } from "vitest";
import { makeCommand, makeKedro, makeWorkflow } from "../../rig/make-definition.ts";
import { expectPlan, makeSlice, planWith } from "../make-facts.ts";

test.each([
  [
    "what a command's outputs are captured from",
    makeCommand("a", { outputs: { o: { path: "/w/o.csv" } } }),
    {},
    ["/w/o.csv"],
  ],
  ["nothing of an output that has a place of its own", makeCommand("a", { outputs: { o: { path: null } } }), {}, []],
  ["nothing of an isolated Kedro run", makeKedro("a", { outputs: ["t"] }), {}, []],
  ["where it publishes", makeKedro("a", { outputs: ["t"] }), { publish: ["t"] }, ["/w/project/data/t.csv"]],
  ["what floats", makeKedro("a"), { floating: ["t"] }, ["/w/project/data/t.csv"]],
  ["what is written in place", makeKedro("a"), { isolate: "none" as const }, ["/w/project/data/t.csv"]],
])("the plan knows %s", (_, run, workflow, written) => {
  const plan = expectPlan(planWith(makeWorkflow([run], workflow), { a: makeSlice({ outputs: ["t"] }) }));
  expect(plan.written ?? []).toEqual(written);
});

test("the plan knows where the project keeps versions, and nothing of remote data", () => {
  const datasets = { t: { versioned: true }, far: { location: "s3://bucket/far.csv" } };
  const slice = makeSlice({ outputs: ["t", "far"], datasets });
  const plan = expectPlan(planWith(makeWorkflow([makeKedro("a")], { isolate: "none" }), { a: slice }));
  expect(plan.written).toEqual(["/w/project/data/t.csv"]);
});
