import { warningAt } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import { locateKey } from "../locate-key.ts";
import { formatPath } from "../places/format-path.ts";
import { findFacts, placeKindOf } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import type { CheckContext } from "./check-context.ts";
import { isSound, PIPELINE_KEYS } from "./check-slice.ts";

/** Warns of what a run appends to in a place of its own: what the project has there is neither read nor kept. */
export function checkAppends({ definition, facts, findings }: CheckContext, run: PlannedRun): void {
  const slice = facts.get(run.run);
  const { task } = run;
  if (!hasCatalog(task) || slice === undefined || !isSound(slice)) return;
  for (const dataset of slice.outputs) {
    const known = findFacts(slice, dataset);
    if (known?.appends !== true || known.versioned || task.floating.includes(dataset)) continue;
    if (placeKindOf(task, dataset, known) === "plain") continue;
    const { name } = run.definition;
    findings.warn(["appends", name, dataset], () => {
      const path = formatPath(known.location ?? "", task.project_path);
      const message = `${run.run} appends to "${dataset}", which has its own path in each run: its version holds only what ${run.run} writes, without what is at ${path}`;
      const hint = `to append to the project's own file, list "${dataset}" under \`floating\``;
      return warningAt(locateKey(definition, name, PIPELINE_KEYS), "appends", message, hint);
    });
  }
}
