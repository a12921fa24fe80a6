import { expect, test } from "vitest";
import type { SliceFacts } from "../../../src/core/project-facts.ts";
import { from, makeKedro, makeWorkflow } from "../../rig/make-definition.ts";
import { makeSlice, planWith } from "../make-facts.ts";

function problemsOf(downstream: SliceFacts, upstreamLocation = "/d/plain.csv"): string[] {
  const upstream = makeSlice({ outputs: ["table"], datasets: { table: { location: upstreamLocation } } });
  const prep = makeKedro("prep", { outputs: ["table"] });
  const train = makeKedro("train", { consumes: { table: from("prep", "table") }, params: { place: "other" } });
  const plan = planWith(makeWorkflow([prep, train]), { prep: upstream, train: downstream });
  return (plan.ok ? plan.warnings : plan.problems).map(({ code, severity, location, message, hint }) => {
    return `${severity} ${code} ${location?.file}: ${message} | ${hint}`;
  });
}

function reading(location: string, by_params: boolean): SliceFacts {
  return makeSlice({ inputs: ["table"], datasets: { table: { location, by_params } } });
}

test("parameters that move what the run consumes are refused", () => {
  expect(problemsOf(reading("/d/other.csv", true))).toEqual([
    'error redirected runs/train/params: the params of train move "table" to /d/other.csv, but it consumes that from "table" of prep: the params would change nothing | leave them out, give the same to the run that saves it, or don\'t consume it',
  ]);
});

test("those that move it to where upstream has it too are fine", () => {
  expect(problemsOf(reading("/d/other.csv", true), "/d/other.csv")).toEqual([]);
});

test("another place without parameters is fine: the same data under another entry", () => {
  expect(problemsOf(reading("/d/other.csv", false))).toEqual([]);
});
