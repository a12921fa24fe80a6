import { isProcess } from "../../core/kinds.ts";
import type { KedroTask } from "../../core/port/runner.ts";
import type { DatasetFacts, ProjectFacts } from "../../core/project-facts.ts";
import type { PlannedRun, PublishTarget } from "../plan.ts";
import { findFacts, placeKindOf } from "./places.ts";

/**
 * The local plain paths, absolute and each once, at which runs write and to which their outputs are published: files, and folders
 * with all that is in them.
 */
export function listWritten(
  runs: readonly PlannedRun[],
  { publish, facts }: { publish: readonly PublishTarget[]; facts: ProjectFacts },
): string[] {
  const published = new Set(publish.map(({ run, dataset }) => JSON.stringify([run, dataset])));
  const written = runs.flatMap(({ run, task }) => {
    if (isProcess(task)) return Object.values(task.outputs).flatMap(({ path }) => path ?? []);
    const slice = facts.get(run);
    return (slice?.outputs ?? []).flatMap((dataset) => {
      const known = slice === undefined ? undefined : findFacts(slice, dataset);
      if (known === undefined) return [];
      const isPlain = published.has(JSON.stringify([run, dataset])) || isWrittenInPlace(task, dataset, known);
      return isPlain ? known.places.map(({ path }) => path) : [];
    });
  });
  return [...new Set(written.filter((path) => path.startsWith("/")))];
}

/** Versions that the project keeps are beside the path of their entry, in a folder of its name. */
function isWrittenInPlace(task: KedroTask, dataset: string, facts: DatasetFacts): boolean {
  return facts.versioned || task.floating.includes(dataset) || placeKindOf(task, dataset, facts) === "plain";
}
