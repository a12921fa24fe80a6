import { warningAt } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { KeyPath } from "../../define/definition.ts";
import { formatNames } from "../format-names.ts";
import { findFacts, isMemory } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import { baseName } from "../transcoding.ts";
import type { CheckContext } from "./check-context.ts";

/** One dataset as one run saves it. */
interface Save {
  run: PlannedRun;
  dataset: string;
  type: string;
}

/** A session that saves one dataset under two formats has two kinds of data by one name: which one a reader gets depends. */
export function checkFormats(context: CheckContext): void {
  for (const saves of groupSaves(context).values()) {
    const formats = Map.groupBy(saves, ({ type }) => type);
    if (formats.size > 1) report(context, formats);
  }
}

/** Groups saves by project and by the name without its format; datasets outside the catalog have no format. */
function groupSaves({ runs, facts }: CheckContext): Map<string, Save[]> {
  const groups = new Map<string, Save[]>();
  for (const run of runs) {
    const slice = facts.get(run.run);
    if (!hasCatalog(run.task) || slice === undefined) continue;
    for (const dataset of slice.outputs) {
      const known = findFacts(slice, dataset);
      if (known === undefined || !known.in_catalog || isMemory(known)) continue;
      const key = `${run.task.project_path}\0${baseName(dataset)}`;
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      group.push({ run, dataset, type: known.type });
    }
  }
  return groups;
}

function report({ definition, findings }: CheckContext, formats: ReadonlyMap<string, readonly Save[]>): void {
  const first = [...formats.values()].map((saves) => saves[0]).filter((save) => save !== undefined);
  const last = first.at(-1);
  if (last === undefined) return;
  const base = baseName(last.dataset);
  findings.warn(["two-formats", base, ...first.map(({ run }) => run.definition.name)], () => {
    const shown = first.map(({ run, dataset, type }) => `${dataset} (${type}) by ${run.run}`);
    const message = `"${base}" is saved in ${first.length} formats: ${formatNames(shown)}`;
    const hint =
      "a consumer gets the format of the run that it names; use one format, or give the other dataset another name";
    return warningAt(definition.locate(pathOf(last)), "two-formats", message, hint);
  });
}

function pathOf({ run, dataset }: Save): KeyPath {
  const { name, outputs } = run.definition;
  const index = Array.isArray(outputs) ? outputs.findIndex((output) => baseName(output) === baseName(dataset)) : -1;
  return index < 0 ? ["runs", name] : ["runs", name, "outputs", index];
}
