import { expect, test } from "vitest";
import { DEFAULT_POLICY, type RunOn } from "../../../src/core/run-policy.ts";
import { makeCommand, makeWorkflow } from "../../rig/make-definition.ts";
import { expectPlan, planWith } from "../make-facts.ts";

const command = (name: string, runOn: RunOn, needs: string[] = []) =>
  makeCommand(name, { needs, policy: { ...DEFAULT_POLICY, runOn } });

const needsOf = (...runs: ReturnType<typeof command>[]) => {
  const plan = expectPlan(planWith(makeWorkflow(runs)));
  return Object.fromEntries(plan.runs.map(({ run, needs }) => [run, needs]));
};

test("a run for failures, or for always, that names no needs waits for all others", () => {
  const plan = needsOf(command("tell", "always"), command("a", "success"), command("b", "success", ["a"]));
  expect(plan).toEqual({ a: [], b: ["a"], tell: ["a", "b"] });
});

test("one that names needs waits for those alone, and is waited for itself", () => {
  const plan = needsOf(command("a", "success"), command("mend", "failure", ["a"]), command("tell", "always"));
  expect(plan).toEqual({ a: [], mend: ["a"], tell: ["a", "mend"] });
});

test("none waits for another of its kind, or for what waits for it", () => {
  const runs = [
    command("tell", "always"),
    command("mend", "failure"),
    command("a", "success"),
    command("z", "success", ["tell"]),
  ];
  expect(needsOf(...runs)).toEqual({ a: [], mend: ["a"], tell: ["a"], z: ["tell"] });
});

test("without others there is nothing to wait for", () => {
  expect(needsOf(command("tell", "always"))).toEqual({ tell: [] });
});
