import { expect, test } from "vitest";
import type { SliceFacts } from "../../../src/core/project-facts.ts";
import type { RunDefinition } from "../../../src/define/definition.ts";
import { placeTargets } from "../../../src/plan/places/publish-targets.ts";
import { makeCommand, makeKedro, makeMatrix, makeWorkflow } from "../../rig/make-definition.ts";
import { IN_MEMORY, makeSlice, planWith } from "../make-facts.ts";

function publish(dataset: string, runs: RunDefinition[], facts: Record<string, SliceFacts> = {}): string[] {
  const plan = planWith(makeWorkflow(runs, { publish: [dataset] }), facts);
  if (plan.ok) return plan.value.publish.map((target) => `${target.run}/${target.dataset}`);
  return plan.problems.map(({ code, location, message, hint }) => `${code} ${location?.file}: ${message} | ${hint}`);
}

test("a target is where the project's catalog has it, or where the command leaves it", () => {
  const report = { report: { location: "/p/report.csv" } };
  const kedro = makeKedro("compare", { outputs: ["report"] });
  const command = makeCommand("pack", { outputs: { zip: { path: "/w/x.zip" } } });
  const facts = { compare: makeSlice({ outputs: ["report"], datasets: report }) };
  const plan = planWith(makeWorkflow([kedro, command], { publish: ["report", "zip"] }), facts);
  expect(plan.ok ? placeTargets(plan.value).map(({ location }) => location) : plan.problems).toEqual([
    "/p/report.csv",
    "/w/x.zip",
  ]);
});

const compare = makeKedro("compare", { outputs: ["report"] });
const AMBIGUOUS = "rename one of them, or publish the output of a run that chooses between them";

test.each<[string, string[], string[]]>([
  ["the one run that declares it", publish("report", [makeKedro("prep"), compare]), ["compare/report"]],
  [
    "the name that its slice writes",
    publish("report", [compare], { compare: makeSlice({ outputs: ["report@csv"] }) }),
    ["compare/report@csv"],
  ],
  [
    "a file that a command leaves",
    publish("zip", [makeCommand("pack", { outputs: { zip: { path: "/w/x.zip" } } })]),
    ["pack/zip"],
  ],
  [
    "nothing that no run declares",
    publish("reports", [compare]),
    ['unknown-publish publish/0: no run declares "reports" among its outputs | did you mean "report"?'],
  ],
  [
    "nothing that several runs declare",
    publish("report", [compare, makeKedro("again", { outputs: ["report"] })]),
    [`ambiguous-publish publish/0: "report" is an output of 2 runs: compare, again | ${AMBIGUOUS}`],
  ],
  [
    "nothing that several arms make",
    publish("m", [makeKedro("train", { outputs: ["m"], matrix: makeMatrix({ seed: [...Array(9).keys()] }) })]),
    [
      `ambiguous-publish publish/0: "m" is an output of 9 runs: ${[...Array(8).keys()].map((seed) => `train[seed=${seed}]`).join(", ")} and 1 more | ${AMBIGUOUS}`,
    ],
  ],
  [
    "nothing that lives in memory",
    publish("report", [compare], { compare: makeSlice({ outputs: ["report"], datasets: { report: IN_MEMORY } }) }),
    [
      'nowhere-to-publish publish/0: "report" of compare has no path in the catalog | list it in the project\'s catalog',
    ],
  ],
  [
    "nothing that a command writes to its own place",
    publish("zip", [makeCommand("pack", { outputs: { zip: { path: null } } })]),
    [
      'nowhere-to-publish publish/0: "zip" of pack has no path in the catalog | capture it from a path: `outputs: { name: path }`',
    ],
  ],
])("publishes %s", (_, published, expected) => {
  expect(published).toEqual(expected);
});

test("what the project versions is there already: a warning, and nothing to copy", () => {
  const facts = { compare: makeSlice({ outputs: ["report"], datasets: { report: { versioned: true } } }) };
  const plan = planWith(makeWorkflow([compare], { publish: ["report"] }), facts);
  expect(plan).toMatchObject({ ok: true, value: { publish: [] }, warnings: [{ code: "versioned-publish" }] });
});
