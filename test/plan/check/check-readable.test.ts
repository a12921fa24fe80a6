import { expect, test } from "vitest";
import type { DatasetFacts } from "../../../src/core/project-facts.ts";
import type { RunDefinition } from "../../../src/define/definition.ts";
import { from, makeCommand, makeKedro, makeWorkflow } from "../../rig/make-definition.ts";
import { IN_MEMORY, makeSlice, planWith } from "../make-facts.ts";

const command = makeCommand("make", { outputs: { bundle: { path: null } } });
const pipeline = makeKedro("make", { outputs: ["bundle"] });
const tableOnly: Partial<DatasetFacts> = { type: "pandas.SQLTableDataset", location: null };
const plain = from("make", "bundle");
const downstream = { ...plain, as: "downstream" as const };

test.each<[string, RunDefinition, typeof plain, Partial<DatasetFacts>, string[]]>([
  ["a command's file that an entry reads", command, plain, {}, []],
  ["a command's file that no entry reads", command, plain, IN_MEMORY, ["no-entry runs/use/consumes/bundle"]],
  ["a command's file for a table", command, plain, tableOnly, ["no-path runs/use/consumes/bundle"]],
  ["a pipeline's dataset that no entry reads", pipeline, plain, IN_MEMORY, []],
  ["a pipeline's dataset read by an entry of its own", pipeline, downstream, {}, []],
  [
    "a pipeline's dataset read by an entry that is not there",
    pipeline,
    downstream,
    IN_MEMORY,
    ["no-entry runs/use/consumes/bundle"],
  ],
])("a run consumes %s", (_, make, consumed, facts, problems) => {
  const use = makeKedro("use", { consumes: { bundle: consumed } });
  const slices = {
    make: makeSlice({ outputs: ["bundle"] }),
    use: makeSlice({ inputs: ["bundle"], datasets: { bundle: facts } }),
  };
  const { make: ofMake, use: ofUse } = slices;
  const checked = planWith(
    makeWorkflow([make, use]),
    make.kind === "kedro" ? { make: ofMake, use: ofUse } : { use: ofUse },
  );
  const found = checked.ok ? checked.warnings : checked.problems;
  expect(
    found.filter(({ severity }) => severity === "error").map(({ code, location }) => `${code} ${location?.file}`),
  ).toEqual(problems);
});

test("the other side of an @ is read through an entry of its own", () => {
  const use = makeKedro("use", { consumes: { "bundle@csv": from("make", "bundle@json") } });
  const facts = {
    make: makeSlice({ outputs: ["bundle@json"] }),
    use: makeSlice({ inputs: ["bundle@csv"], datasets: { "bundle@csv": IN_MEMORY } }),
  };
  const maker = makeKedro("make", { outputs: ["bundle@json"] });
  expect(planWith(makeWorkflow([maker, use]), facts)).toMatchObject({
    problems: [
      {
        code: "no-entry",
        message: 'use reads "bundle@csv" from "bundle@json" of make, but no catalog entry says how to read it',
      },
    ],
  });
});
