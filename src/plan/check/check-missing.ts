import { warningAt } from "../../core/error/problem.ts";
import { hasCatalog, isProcess } from "../../core/kinds.ts";
import type { DatasetFacts } from "../../core/project-facts.ts";
import { findRead } from "../../core/select-reads.ts";
import { locateKey } from "../locate-key.ts";
import { formatPath } from "../places/format-path.ts";
import type { PlaceIndex } from "../places/place-index.ts";
import { findFacts, isWrittenByItself } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import type { CheckContext } from "./check-context.ts";
import { isSound, PIPELINE_KEYS } from "./check-slice.ts";

/**
 * Warns of a read from a path that does not exist: a hook or another program may still make it. Not for paths that a
 * run of the session writes, and not after a command, which may write undeclared files.
 */
export function checkMissing(context: CheckContext, index: PlaceIndex): void {
  const afterCommands = listAfterCommands(context.runs);
  for (const run of context.runs) {
    const { task } = run;
    const slice = context.facts.get(run.run);
    if (!hasCatalog(task) || slice === undefined || !isSound(slice)) continue;
    const missing = slice.inputs.flatMap((dataset): Missing[] => {
      const facts = findFacts(slice, dataset);
      if (facts?.is_missing !== true || findRead(run.reads, dataset) !== undefined) return [];
      return isWrittenByItself(task, slice, dataset) || isWritten(index, facts) ? [] : [{ dataset, facts }];
    });
    if (afterCommands.has(run.run)) continue;
    for (const each of missing) report(context, run, { ...each, project: task.project_path });
  }
}

interface Missing {
  dataset: string;
  facts: DatasetFacts;
}

function isWritten({ plainWrites, ownWrites, floatingWrites }: PlaceIndex, { places }: DatasetFacts): boolean {
  return places.some((place) =>
    [plainWrites, ownWrites, floatingWrites].some((map) => map.findOverlapping(place).length > 0),
  );
}

/** Commands, and all that wait for one of them. `runs` are in an order that can be executed. */
function listAfterCommands(runs: readonly PlannedRun[]): Set<string> {
  const found = new Set<string>();
  for (const { run, task, needs } of runs) if (isProcess(task) || needs.some((need) => found.has(need))) found.add(run);
  return found;
}

function report(
  { definition, findings }: CheckContext,
  run: PlannedRun,
  { dataset, facts, project }: Missing & { project: string },
): void {
  const { name } = run.definition;
  findings.warn(["no-file", name, dataset], () => {
    const { location, places } = facts;
    const path = formatPath(location ?? "", project);
    const isFolder = (places[0]?.suffix ?? null) !== null;
    const message = `${run.run}: "${dataset}" is read from ${path}, and there is no ${isFolder ? "folder" : "file"}`;
    const hint = `put it there, or fix its path in the catalog; if something makes it before ${run.run} starts, list it under \`floating\``;
    return warningAt(locateKey(definition, name, PIPELINE_KEYS), "no-file", message, hint);
  });
}
