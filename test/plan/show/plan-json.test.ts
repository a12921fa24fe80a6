import { expect, test } from "vitest";
import { toPlanJson } from "../../../src/plan/show/plan-json.ts";
import { makeModule, makeWorkflow } from "../../rig/make-definition.ts";
import { expectPlan, planWith } from "../make-facts.ts";
import { makePlan } from "../make-plan.ts";

test("holds every run in executable order, null for each version that is still to come", () => {
  const train = {
    kind: "kedro",
    needs: ["prep"],
    consumes: { table: { run: "prep", dataset: "table" } },
    load_versions: { table: null },
  };
  expect(JSON.parse(JSON.stringify(toPlanJson(makePlan())))).toStrictEqual({
    runs: [
      { run: "prep", kind: "kedro", needs: [], consumes: {}, load_versions: { raw: "2026-01-01T00.00.00.000Z" } },
      { run: "train[seed=1]", ...train },
      { run: "train[seed=2]", ...train },
      { run: "check", kind: "command", needs: [], consumes: {}, load_versions: {} },
      {
        run: "export",
        kind: "command",
        needs: ["train[seed=2]", "check"],
        consumes: { model: { run: "train[seed=2]", dataset: "regressor" } },
        load_versions: { model: null },
      },
    ],
  });
});

test("a module has the path of its file", () => {
  const run = makeModule("score", { path: "/w/score.ts", params: { least: 1 } });
  const { runs } = toPlanJson(expectPlan(planWith(makeWorkflow([run]))));
  expect(runs).toEqual([
    { run: "score", kind: "module", module: "/w/score.ts", needs: [], consumes: {}, load_versions: {} },
  ]);
});
