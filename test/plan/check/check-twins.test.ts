import { expect, test } from "vitest";
import type { DatasetFacts } from "../../../src/core/project-facts.ts";
import { makeKedro, makeWorkflow } from "../../rig/make-definition.ts";
import { makeSlice, planWith } from "../make-facts.ts";

const ONE: Partial<DatasetFacts> = { location: "/p/model.pkl" };
const OTHER: Partial<DatasetFacts> = { location: "/p/other.pkl" };
const IN_FOLDER = (suffix: string): Partial<DatasetFacts> => ({ location: "/p/d", places: [{ path: "/p/d", suffix }] });
const TABLE: Partial<DatasetFacts> = { location: null, places: [{ path: "entry t", suffix: null }] };

test.each<[string, Record<string, Partial<DatasetFacts>>, string[]]>([
  ["two names of one file", { model: ONE, tuned: ONE }, ["model, tuned"]],
  ["three", { model: ONE, tuned: ONE, third: ONE, other: OTHER }, ["model, third, tuned"]],
  ["two files", { model: ONE, tuned: OTHER }, []],
  ["sides of one name", { "model@a": ONE, "model@b": ONE }, []],
  ["partitions of one suffix", { model: IN_FOLDER(".csv"), tuned: IN_FOLDER(".csv") }, []],
  ["what is added to one file", { model: { ...ONE, appends: true }, tuned: { ...ONE, appends: true } }, []],
  ["one table", { model: TABLE, tuned: TABLE }, []],
])("of what one run writes: %s", (_, datasets, said) => {
  const a = makeSlice({ outputs: Object.keys(datasets), datasets });
  const plan = planWith(makeWorkflow([makeKedro("a")], { floating: Object.keys(datasets) }), { a });
  const warnings = plan.ok ? plan.warnings : plan.problems;
  expect(warnings.map(({ code, message }) => `${code}: ${message}`)).toEqual(
    said.map(
      (names) => `one-file: a writes ${names} to one file, /p/model.pkl: all of them will hold what is saved last`,
    ),
  );
});
