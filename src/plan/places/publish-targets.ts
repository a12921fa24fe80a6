import { type Problem, problemAt, warningAt } from "../../core/error/problem.ts";
import { hasCatalog, isProcess } from "../../core/kinds.ts";
import type { ProjectFacts } from "../../core/project-facts.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { formatNames } from "../format-names.ts";
import type { Plan, PlannedRun, PublishTarget } from "../plan.ts";
import { findWritten } from "../transcoding.ts";
import { findFacts } from "./places.ts";
import { listWrites } from "./settle-reads.ts";

/**
 * The one run that each published dataset comes from. Problems: `unknown-publish`, if no run declares it among its
 * outputs; `ambiguous-publish`, if several do; `nowhere-to-publish`, if it has no path in the catalog to go to; and a
 * warning, `versioned-publish`, if the project versions it, so that it is where the project looks already.
 */
export function choosePublishTargets(
  definition: WorkflowDefinition,
  runs: readonly PlannedRun[],
  facts: ProjectFacts,
): { targets: PublishTarget[]; problems: Problem[] } {
  const targets: PublishTarget[] = [];
  const problems: Problem[] = [];
  for (const [index, dataset] of definition.publish.entries()) {
    const report = (code: string, message: string, hint: string | null): void => {
      problems.push(problemAt(definition.locate(["publish", index]), code, message, hint));
    };
    const writers = runs.filter((run) => declaresOutput(run, dataset));
    const [only, another] = writers;
    if (only === undefined) {
      const hint = didYouMean(dataset, new Set(runs.flatMap(listDeclared)));
      report("unknown-publish", `no run declares "${dataset}" among its outputs`, hint);
    } else if (another !== undefined) {
      const hint = "rename one of them, or publish the output of a run that chooses between them";
      report(
        "ambiguous-publish",
        `"${dataset}" is an output of ${writers.length} runs: ${formatNames(writers.map(({ run }) => run))}`,
        hint,
      );
    } else {
      const target = { run: only.run, dataset: findWritten(listWrites(only), dataset) ?? dataset };
      if (isNowhere(only, target.dataset, facts)) {
        report("nowhere-to-publish", `"${dataset}" of ${only.run} has no path in the catalog`, hintPlace(only));
      } else if (isVersioned(only, target.dataset, facts)) {
        const message = `"${dataset}" is versioned by the project, which finds its versions without publishing`;
        problems.push(warningAt(definition.locate(["publish", index]), "versioned-publish", message, "leave it out"));
      } else targets.push(target);
    }
  }
  return { targets, problems };
}

function listDeclared({ task }: PlannedRun): readonly string[] {
  return hasCatalog(task) ? task.outputs : Object.keys(task.outputs);
}

function declaresOutput(run: PlannedRun, dataset: string): boolean {
  const declared = listDeclared(run);
  return hasCatalog(run.task) ? findWritten(declared, dataset) !== null : declared.includes(dataset);
}

function isNowhere({ task, run }: PlannedRun, dataset: string, facts: ProjectFacts): boolean {
  if (isProcess(task)) return (task.outputs[dataset]?.path ?? null) === null;
  const slice = facts.get(run);
  return slice !== undefined && findFacts(slice, dataset)?.location === null;
}

/**
 * Adds to the targets of a plan the plain paths that its runs have for them; without one where the project was not
 * asked.
 */
export function placeTargets({ publish, runs }: Pick<Plan, "publish" | "runs">): PublishTarget[] {
  return publish.map((target) => {
    const writer = runs.find(({ run }) => run === target.run);
    const location = writer === undefined ? null : findPlain(writer, target.dataset);
    return location === null ? target : { ...target, location };
  });
}

function findPlain({ task, saves = {} }: PlannedRun, dataset: string): string | null {
  if (isProcess(task)) return task.outputs[dataset]?.path ?? null;
  return (Object.hasOwn(saves, dataset) ? saves[dataset]?.plain_location : null) ?? null;
}

function isVersioned({ run }: PlannedRun, dataset: string, facts: ProjectFacts): boolean {
  const slice = facts.get(run);
  return slice !== undefined && findFacts(slice, dataset)?.versioned === true;
}

function hintPlace({ task }: PlannedRun): string {
  return isProcess(task) ? "capture it from a path: `outputs: { name: path }`" : "list it in the project's catalog";
}
