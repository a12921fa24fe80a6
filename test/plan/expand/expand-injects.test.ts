import { describe, expect, test } from "vitest";
import type { InjectDefinition } from "../../../src/define/definition.ts";
import { expandRuns } from "../../../src/plan/expand/expand.ts";
import { makeCommand, makeMatrix, makeWorkflow } from "../../rig/make-definition.ts";

const reference = (name: string) => `\${${name}}`;

function expand(injected: InjectDefinition, environment: Record<string, string> = {}) {
  const run = makeCommand("use", { matrix: makeMatrix({ x: [7] }), injects: { table: injected } });
  const expanded = expandRuns(makeWorkflow([run]), environment);
  return expanded.ok
    ? expanded.value[0]?.injects.table
    : expanded.problems.map(({ code, location }) => [code, location?.file]);
}

describe("what a run takes from outside the session", () => {
  test.each<[string, InjectDefinition, object]>([
    [
      "a path below the workflow's folder",
      { kind: "file", path: "/w/a/b.csv" },
      { path: "/w/a/b.csv", shown: "a/b.csv" },
    ],
    ["a path elsewhere", { kind: "file", path: "/x/b.csv" }, { path: "/x/b.csv", shown: "/x/b.csv" }],
    [
      "a path with the arm's value",
      { kind: "file", path: `/w/${reference("matrix.x")}.csv` },
      { path: "/w/7.csv", shown: "7.csv" },
    ],
    [
      "a path that is absolute once it is filled in",
      { kind: "file", path: `/w/${reference("env:AT")}/b` },
      { path: "/at/b", shown: `${reference("env:AT")}/b` },
    ],
    [
      "a value that keeps its type",
      { kind: "value", value: { k: reference("matrix.x") } },
      { value: { k: 7 }, shown: '{"k":7}' },
    ],
    [
      "a value that is a secret",
      { kind: "value", value: reference("env:AT") },
      { value: "/at", shown: `"${reference("env:AT")}"` },
    ],
    [
      "a run_id of the environment",
      { kind: "run_id", run_id: reference("env:AT"), dataset: "t", as: "upstream" },
      { run_id: "/at", dataset: "t", as: "upstream" },
    ],
  ])("has %s filled in", (_, injected, expected) => {
    expect(expand(injected, { AT: "/at" })).toMatchObject(expected);
  });

  test("tells of a reference to nothing where it stands", () => {
    expect(expand({ kind: "value", value: ["a", { b: reference("env:NOWHERE") }] })).toEqual([
      ["unset-variable", "runs/use/consumes/table/value/1/b"],
    ]);
  });
});
