import { warningAt } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { DatasetFacts, SliceFacts } from "../../core/project-facts.ts";
import { formatNames } from "../format-names.ts";
import { locateKey } from "../locate-key.ts";
import { formatPath } from "../places/format-path.ts";
import { findFacts } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import { baseName } from "../transcoding.ts";
import type { CheckContext } from "./check-context.ts";
import { isSound, PIPELINE_KEYS } from "./check-slice.ts";

/** Warns of outputs of one run that are one file: who consumes the one gets the other, as under `kedro run`. */
export function checkTwins({ definition, facts, findings }: CheckContext, run: PlannedRun): void {
  const slice = facts.get(run.run);
  const { task } = run;
  if (!hasCatalog(task) || slice === undefined || !isSound(slice)) return;
  const { name } = run.definition;
  for (const [path, names] of groupByFile(slice)) {
    if (new Set(names.map(baseName)).size < 2) continue;
    findings.warn(["one-file", name, path], () => {
      const message = `${run.run} writes ${formatNames(names.toSorted())} to one file, ${formatPath(path, task.project_path)}: all of them will hold what is saved last`;
      const hint = "give each its own path in the catalog";
      return warningAt(locateKey(definition, name, PIPELINE_KEYS), "one-file", message, hint);
    });
  }
}

function groupByFile(slice: SliceFacts): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const dataset of slice.outputs) {
    const known = findFacts(slice, dataset);
    if (known === undefined || !isWholeFile(known)) continue;
    for (const { path } of known.places) found.set(path, [...(found.get(path) ?? []), dataset]);
  }
  return found;
}

/** True unless several datasets can write beside one another: in a folder of partitions, or by appending. */
function isWholeFile({ location, appends, places }: DatasetFacts): boolean {
  return location !== null && appends !== true && places.every(({ suffix }) => suffix === null);
}
