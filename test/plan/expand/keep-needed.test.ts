import { expect, test } from "vitest";
import type { RunDefinition } from "../../../src/define/definition.ts";
import { keepNeeded } from "../../../src/plan/expand/keep-needed.ts";

const makeRun = (run: string, needs: string[]) => {
  const [name = ""] = run.split("[");
  return { run, needs, definition: { name } as RunDefinition };
};

const RUNS = [
  makeRun("report", ["train[k=1]", "train[k=2]"]),
  makeRun("train[k=1]", ["prep"]),
  makeRun("train[k=2]", ["prep", "check"]),
  makeRun("prep", []),
  makeRun("check", []),
  makeRun("clean", ["report"]),
];

test.each([
  [["train"], ["train[k=1]", "train[k=2]", "prep", "check"]],
  [["train[k=1]"], ["train[k=1]", "prep"]],
  [["report"], ["report", "train[k=1]", "train[k=2]", "prep", "check"]],
  [
    ["check", "prep", "check"],
    ["prep", "check"],
  ],
  [["nowhere"], []],
])("of %j all that they need is kept, in the order of the workflow", (names, kept) => {
  expect(keepNeeded(RUNS, names).map(({ run }) => run)).toEqual(kept);
});
