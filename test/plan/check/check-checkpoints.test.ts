import { describe, expect, test } from "vitest";
import type { DatasetFacts } from "../../../src/core/project-facts.ts";
import type { WorkflowDefinition } from "../../../src/define/definition.ts";
import { from, makeKedro, makeWorkflow } from "../../rig/make-definition.ts";
import { makeSlice, planWith } from "../make-facts.ts";

const INCREMENTAL: Partial<DatasetFacts> = { type: "partitions.IncrementalDataset" };

function codesOf(changes: Partial<DatasetFacts>, workflow: Partial<WorkflowDefinition>, isConsumed = false): string[] {
  const a = makeSlice({ inputs: ["inc"], outputs: ["got"], confirms: ["inc"], datasets: { inc: changes } });
  const consumes = isConsumed ? { inc: from("w", "inc") } : {};
  const runs = [makeKedro("w", { outputs: ["inc"] }), makeKedro("a", { consumes })];
  const w = isConsumed ? makeSlice({ outputs: ["inc"], datasets: { inc: changes } }) : makeSlice({ outputs: ["x"] });
  const plan = planWith(makeWorkflow(isConsumed ? runs : runs.slice(1), workflow), { a, w });
  return (plan.ok ? plan.warnings : plan.problems).map(({ code, severity }) => `${severity} ${code}`);
}

describe("a checkpoint that a run confirms", () => {
  test.each<[string, Partial<DatasetFacts>, Partial<WorkflowDefinition>, boolean, string[]]>([
    ["is kept apart", INCREMENTAL, {}, false, ["warning checkpoint-kept-apart"]],
    [
      "is kept apart of what is not declared",
      INCREMENTAL,
      { isolate: "declared" },
      false,
      ["warning checkpoint-kept-apart"],
    ],
    ["advances without isolation", INCREMENTAL, { isolate: "none" }, false, []],
    ["advances where the dataset floats", INCREMENTAL, { floating: ["inc"] }, false, []],
    ["is nobody's of what another run makes", INCREMENTAL, {}, true, []],
    ["is the class's own of any other", { type: "my.io.Feed" }, {}, false, []],
  ])("%s", (_, changes, workflow, isConsumed, codes) => {
    expect(codesOf(changes, workflow, isConsumed)).toEqual(codes);
  });
});
