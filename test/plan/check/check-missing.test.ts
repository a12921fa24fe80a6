import { describe, expect, test } from "vitest";
import type { DatasetFacts, SliceFacts } from "../../../src/core/project-facts.ts";
import type { RunDefinition, WorkflowDefinition } from "../../../src/define/definition.ts";
import { from, makeCommand, makeKedro, makeMatrix, makeWorkflow } from "../../rig/make-definition.ts";
import { makeSlice, planWith } from "../make-facts.ts";

const gone = { is_missing: true };
const reads = (changes: Partial<DatasetFacts> = {}): SliceFacts =>
  makeSlice({ inputs: ["raw"], outputs: ["table"], datasets: { raw: { ...gone, ...changes } } });
const writes = makeSlice({ outputs: ["made"], datasets: { made: { location: "/w/project/data/raw.csv" } } });

function warningsOf(
  runs: RunDefinition[],
  facts: Record<string, SliceFacts>,
  workflow: Partial<WorkflowDefinition> = {},
): string[] {
  const plan = planWith(makeWorkflow(runs, workflow), facts);
  const found = plan.ok ? plan.warnings : plan.problems;
  return found.flatMap(({ code, location, message }) => (code === "no-file" ? `${location?.file}: ${message}` : []));
}

describe("what a run reads where nothing is", () => {
  const told = 'runs/a/pipeline: a: "raw" is read from data/raw.csv, and there is no file';

  test("is told, and is no reason not to run", () => {
    expect(warningsOf([makeKedro("a")], { a: reads() })).toEqual([told]);
    expect(planWith(makeWorkflow([makeKedro("a")]), { a: reads() }).ok).toBe(true);
    expect(warningsOf([makeKedro("a")], { a: reads({ is_missing: false }) })).toEqual([]);
  });

  test("is told as a folder where it is one, and by its whole path outside of the project", () => {
    const folder = reads({ location: "/w/project/parts", places: [{ path: "/w/project/parts", suffix: ".csv" }] });
    expect(warningsOf([makeKedro("a")], { a: folder })[0]).toContain("from parts, and there is no folder");
    const far = reads({ location: "/elsewhere/raw.csv" });
    expect(warningsOf([makeKedro("a")], { a: far })[0]).toContain("from /elsewhere/raw.csv, and");
  });

  test("is told once of all arms", () => {
    const run = makeKedro("a", { matrix: makeMatrix({ x: ["1", "2"] }) });
    expect(warningsOf([run], { a: reads() })).toEqual([expect.stringContaining("(and 1 more like it)")]);
  });

  const two = [makeKedro("w"), makeKedro("a", { needs: ["w"] })];
  test.each<[string, RunDefinition[], SliceFacts, Partial<WorkflowDefinition>]>([
    ["what floats", [makeKedro("a")], reads(), { floating: ["raw"] }],
    [
      "what is given",
      [makeKedro("a", { consumes: { raw: from("w", "raw") } }), makeKedro("w", { outputs: ["raw"] })],
      reads(),
      {},
    ],
    ["what another run writes", two, reads(), {}],
    ["what another run writes to the same path", two, reads(), { isolate: "none" }],
    ["what another run writes and floats", two, reads(), { floating: ["made"] }],
    ["what a command before it may write", [makeCommand("c"), makeKedro("a", { needs: ["c"] })], reads(), {}],
    ["its own file by another name", [makeKedro("a")], reads({ location: "/w/project/data/table.csv" }), {}],
  ])("is not %s", (title, runs, slice, workflow) => {
    const w = title === "what is given" ? makeSlice({ outputs: ["raw"] }) : writes;
    expect(warningsOf(runs, { a: slice, w }, workflow)).toEqual([]);
  });

  test("is told beside a command that it does not wait for", () => {
    expect(warningsOf([makeCommand("c"), makeKedro("a")], { a: reads() })).toEqual([told]);
  });
});
