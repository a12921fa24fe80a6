import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { copyTrainingProject } from "./make-kedro-project.ts";
import { runweave } from "./runweave-command.ts";
import { medianTimes, repeat, runCommand } from "./time-commands.ts";

const GOAL = 1 / 5;

/** The example of the README once more: what Kedro runs need of Python when none of them is executed. */
export const reusedExample: Benchmark = {
  name: "reused-example",
  title: "The example again, all of its runs reused, next to one `kedro run` of its project",
  async measure({ folder, iterations, python }) {
    const project = path.join(folder, "workflows", "diabetes");
    mkdirSync(path.dirname(project), { recursive: true });
    copyTrainingProject(project);
    // Where the example's workflow names its Python.
    symlinkSync(path.dirname(path.dirname(python)), path.join(folder, ".venv"));
    const args = ["run", "workflow.yaml", "--cache", "on", "--json", "--registry", path.join(project, ".runweave")];
    const again = runweave("again", project, args);
    const asked = runweave("again, its project asked anew", project, [...args, "--probe"]);
    const kedro = path.join(path.dirname(python), "kedro");
    const one = repeat("kedro run", { argv: [kedro, "run", "--pipelines", "prepare"], cwd: project });
    // The first session does the work, and the first `kedro run` makes the data.
    for (const { name, launch } of [again, one]) await runCommand(name, launch());
    const medianOf = await medianTimes([again, asked, one], iterations);
    const rival = { name: "kedro run", median: medianOf(one.name) };
    return [
      { what: "runweave run, all reused", measured: medianOf(again.name), rival, goal: { atMostTimes: GOAL } },
      { what: "likewise, its project asked anew (--probe)", measured: medianOf(asked.name), rival },
    ];
  },
};
