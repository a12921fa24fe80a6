import fc from "fast-check";
import { expect, test } from "vitest";
import { toPlanText } from "../../../src/plan/show/plan-text.ts";
import { makeCommand, makeModule, makeWorkflow } from "../../rig/make-definition.ts";
import { expectPlan, planWith } from "../make-facts.ts";
import { hostilePlans, makePlan } from "../make-plan.ts";

test("shows the waves, what each run reads from whom, and which versions are still to come", () => {
  expect(toPlanText(makePlan())).toBe(
    [
      "churn: 5 runs in 3 waves, 2 at a time, fail-fast",
      "publishes bundle of export",
      "",
      "wave 1",
      "  prep           kedro    clean + split",
      "      raw    from  the project                 2026-01-01T00.00.00.000Z",
      "  check          command  true",
      "",
      "wave 2",
      "  train[seed=1]  kedro    train (prod)",
      "      table  from  prep                        still to come",
      "  train[seed=2]  kedro    train (prod)",
      "      table  from  prep                        still to come",
      "",
      "wave 3",
      "  export         command  python export.py, after check",
      "      model  from  regressor of train[seed=2]  still to come",
      "",
    ].join("\n"),
  );
});

test("says what the limit is where there is none, and shortens a long command", () => {
  const plan = expectPlan(planWith(makeWorkflow([makeCommand("a", { argv: ["x".repeat(500)] })])));
  expect(toPlanText(plan)).toBe(
    `churn: 1 run in 1 wave, as many at a time as there are CPUs, fail-fast\n\nwave 1\n  a  command  ${"x".repeat(59)}…\n`,
  );
});

test("a module is named by its path from the workflow file", () => {
  const params = { path: "/w/lib/score.ts", params: {} };
  const runs = [makeModule("a", params), makeModule("b", { ...params, path: "/x.ts" })];
  const text = toPlanText(expectPlan(planWith(makeWorkflow(runs))));
  expect(text.split("\n").slice(-3)).toEqual(["  a  module   lib/score.ts", "  b  module   /x.ts", ""]);
});

test("no name starts a line of its own or reaches the terminal as control bytes", () => {
  fc.assert(
    fc.property(hostilePlans, (plan) => {
      const text = toPlanText(plan);
      expect(text.split("\n")).toHaveLength(1 + 3 * 3 + 1 + 1);
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
