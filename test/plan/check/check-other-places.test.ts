import { describe, expect, test } from "vitest";
import type { DatasetFacts } from "../../../src/core/project-facts.ts";
import type { WorkflowDefinition } from "../../../src/define/definition.ts";
import { makeKedro, makeMatrix, makeWorkflow } from "../../rig/make-definition.ts";
import { makeSlice, planWith } from "../make-facts.ts";

const ARM_PATHS =
  "give each variant its own path: use `runtime_params` in the catalog, and another value in the `params` of each";
const others = [{ argument: "labels_path", path: "/w/project/data/labels", is_there: true }];
const placeless: Partial<DatasetFacts> = { type: "my.io.Dir", location: null, others };

function problemsOf(changes: Partial<DatasetFacts>, workflow: Partial<WorkflowDefinition>, arms: boolean): string[] {
  const slice = makeSlice({ outputs: ["model"], datasets: { model: changes } });
  const runs = arms
    ? [makeKedro("a", { matrix: makeMatrix({ x: ["1", "2"] }) })]
    : [makeKedro("a"), makeKedro("b", { needs: [] })];
  const plan = planWith(makeWorkflow(runs, workflow), { a: slice, b: slice });
  return (plan.ok ? plan.warnings : plan.problems).map(({ code, hint }) => `${code} | ${hint}`);
}

describe("what two runs write besides their own places", () => {
  test("by one name, is said with that name once", () => {
    const hint = 'let one need the other, the reader first; or list "model" under `floating`';
    expect(problemsOf({ others }, {}, false)).toEqual([`other-path | ${hint}`]);
  });

  test("as arms of one matrix, is not to be put in order", () => {
    expect(problemsOf({ others }, {}, true)).toEqual([`other-path | list "model" under \`floating\`, or ${ARM_PATHS}`]);
  });

  test("is not said again where a write conflict says it", () => {
    const arms = `write-conflict | isolate them, list the datasets under \`floating\`, or ${ARM_PATHS}`;
    expect(problemsOf(placeless, { isolate: "declared" }, true)).toEqual([arms]);
    expect(problemsOf({ others }, { isolate: "none" }, true)).toEqual([arms]);
    expect(problemsOf({ others }, { isolate: "none" }, false)).toEqual([expect.stringContaining("write-conflict")]);
  });
});
