import { describe, expect, test } from "vitest";
import type { DatasetFacts } from "../../../src/core/project-facts.ts";
import type { WorkflowDefinition } from "../../../src/define/definition.ts";
import { makeKedro, makeWorkflow } from "../../rig/make-definition.ts";
import { makeSlice, planWith } from "../make-facts.ts";

function codesOf(
  changes: Partial<DatasetFacts>,
  workflow: Partial<WorkflowDefinition>,
  outputs: string[] = [],
): string[] {
  const a = makeSlice({ outputs: ["log"], datasets: { log: changes } });
  const plan = planWith(makeWorkflow([makeKedro("a", { outputs })], workflow), { a });
  return (plan.ok ? plan.warnings : plan.problems).map(({ code, severity }) => `${severity} ${code}`);
}

const APPENDS: Partial<DatasetFacts> = { appends: true };

describe("a dataset that appends to what is there", () => {
  test.each<[string, Partial<DatasetFacts>, Partial<WorkflowDefinition>, string[], string[]]>([
    ["begins anew in a place of its own", APPENDS, {}, [], ["warning appends"]],
    ["likewise as a declared output", APPENDS, { isolate: "declared" }, ["log"], ["warning appends"]],
    ["grows where nothing else is isolated", APPENDS, { isolate: "declared" }, [], []],
    ["grows without isolation", APPENDS, { isolate: "none" }, [], []],
    ["grows where it floats", APPENDS, { floating: ["log"] }, [], []],
    ["begins anew in each version that the project keeps", { ...APPENDS, versioned: true }, {}, [], []],
    ["is none if it writes over", {}, {}, [], []],
  ])("%s", (_, changes, workflow, outputs, codes) => {
    expect(codesOf(changes, workflow, outputs)).toEqual(codes);
  });
});
