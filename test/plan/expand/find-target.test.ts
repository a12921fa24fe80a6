import { expect, it } from "vitest";
import { findTarget, refuseUnknown } from "../../../src/plan/expand/find-target.ts";
import { makeKedro } from "../../rig/make-definition.ts";
import { plannedRun } from "../../rig/plans.ts";

const arm = (run: string) => plannedRun(run, { definition: makeKedro("train") });
const runs = [plannedRun("prep"), arm("train[lr=0.1]"), arm("train[lr=0.1.x=2]"), plannedRun("train_all")];
const tell = (text: string) => {
  const target = findTarget(runs, text);
  return target.runs === null ? [target.name, target.hint] : [target.runs.map(({ run }) => run), target.rest];
};

it.each<[string, unknown]>([
  ["prep.params.x=1", [["prep"], "params.x=1"]],
  ["train.params.x=1", [["train[lr=0.1]", "train[lr=0.1.x=2]"], "params.x=1"]],
  ["train[lr=0.1].params.x=1", [["train[lr=0.1]"], "params.x=1"]],
  ["train[lr=0.1.x=2].env=prod", [["train[lr=0.1.x=2]"], "env=prod"]],
  ["train_all.env=prod", [["train_all"], "env=prod"]],
  ["perp.env=prod", ["perp", 'did you mean "prep"?']],
  ["train[lr=0.2].env=prod", ["train[lr=0.2]", 'did you mean "train[lr=0.1]"?']],
  ["x", ["x", null]],
])("%s names %o", (text, expected) => {
  expect(tell(text)).toEqual(expected);
});

it("refuses names that neither a run nor a matrix has", () => {
  expect(refuseUnknown(runs, ["prep", "train", "train[lr=0.1]"], "the plan")).toEqual([]);
  expect(refuseUnknown(runs, ["prep", "trian", "x"], "the plan").map(({ message, hint }) => [message, hint])).toEqual([
    ['the plan has no run "trian"', 'did you mean "train"?'],
    ['the plan has no run "x"', null],
  ]);
});
