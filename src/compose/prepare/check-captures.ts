import { isAbsolute, resolve } from "node:path";
import { type Problem, problemAt } from "../../core/error/problem.ts";
import { isProcess } from "../../core/kinds.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { ProjectFacts } from "../../core/project-facts.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { gatherFindings } from "../../plan/findings.ts";
import { findFacts } from "../../plan/places/places.ts";
import type { ExpandedRun, PublishTarget } from "../../plan/plan.ts";
import { describeCaptureFault } from "../../versions/capture-fault.ts";

const HINT = "name the files or the folder that the run itself writes, outside of the state folder";

/** Captured paths that hold the state folder, or lie in it: `captures-state`, said once per run and output. */
export function checkCaptures(
  definition: WorkflowDefinition,
  runs: readonly ExpandedRun[],
  state: StateFolders,
): Problem[] {
  const findings = gatherFindings();
  for (const { run, task, definition: declared } of runs) {
    if (!isProcess(task)) continue;
    for (const [name, { path }] of Object.entries(task.outputs)) {
      const fault = path === null ? null : describeCaptureFault(resolve(task.cwd, path), state);
      if (fault === null) continue;
      findings.add([declared.name, name], () => {
        const message = `${run} captures "${name}" from ${path}, which can't be copied: ${fault}`;
        return problemAt(definition.locate(["runs", declared.name, "outputs", name]), "captures-state", message, HINT);
      });
    }
  }
  return findings.list();
}

/** Datasets of a project whose plain path lies in the state folder: `publishes-to-state`. */
export function checkPublished(
  definition: WorkflowDefinition,
  { targets, facts }: { targets: readonly PublishTarget[]; facts: ProjectFacts },
  state: StateFolders,
): Problem[] {
  return targets.flatMap(({ run, dataset }) => {
    const slice = facts.get(run);
    const location = slice === undefined ? null : (findFacts(slice, dataset)?.location ?? null);
    const fault = location === null || !isAbsolute(location) ? null : describeCaptureFault(location, state);
    if (fault === null) return [];
    const message = `"${dataset}" of ${run} can't be published to ${location}: ${fault}`;
    const at = definition.locate(["publish", definition.publish.indexOf(dataset)]);
    return [problemAt(at, "publishes-to-state", message, "give its catalog entry a path outside of the state folder")];
  });
}
