import fc from "fast-check";
import type { Plan } from "../../src/plan/plan.ts";
import { from, makeCommand, makeKedro, makeMatrix, makeWorkflow } from "../rig/make-definition.ts";
import { expectPlan, makeSlice, planWith } from "./make-facts.ts";

/** Prepares, trains two arms, and exports one of them after a run that it only waits for. */
export function makePlan(): Plan {
  const workflow = makeWorkflow(
    [
      makeKedro("prep", { pipeline_names: ["clean", "split"], outputs: ["table"] }),
      makeKedro("train", {
        pipeline_names: ["train"],
        env: "prod",
        matrix: makeMatrix({ seed: [1, 2] }),
        consumes: { table: from("prep", "table") },
        outputs: ["regressor"],
      }),
      makeCommand("check"),
      makeCommand("export", {
        argv: ["python", "export.py"],
        needs: ["check"],
        consumes: { model: from("train", "regressor", { where: { seed: 2 } }) },
        outputs: { bundle: { path: "/w/bundle.zip" } },
      }),
    ],
    { max_parallel: 2, publish: ["bundle"] },
  );
  const raw = { versioned: true, latest_version: "2026-01-01T00.00.00.000Z" };
  return expectPlan(
    planWith(workflow, {
      prep: makeSlice({ inputs: ["raw"], outputs: ["table"], datasets: { raw } }),
      train: makeSlice({ inputs: ["table"], outputs: ["regressor"] }),
    }),
  );
}

/** Text with everything that quoting could trip over. */
export const hostileText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom(
        '"',
        "\\",
        "\n",
        "]",
        "[",
        "%%{",
        "}%%",
        "#quot;",
        ";",
        "-->",
        "|",
        "`",
        "<b>",
        "&lt;",
        "\u001b[2J",
        "\u202e",
        "end",
        "//",
      ),
    )
    .map((parts) => parts.join("")),
);

/** A plan of which any name may be hostile. */
export const hostilePlans = fc.tuple(hostileText, hostileText, hostileText).map(([value, dataset, workflow]) => {
  const runs = [
    makeCommand("first", { matrix: makeMatrix({ x: [value] }), outputs: { [dataset]: { path: null } } }),
    makeCommand("second", { argv: [value], consumes: { [dataset]: from("first", dataset) } }),
    makeCommand("third", { needs: ["second"] }),
  ];
  return expectPlan(planWith(makeWorkflow(runs, { name: workflow })));
});
