import { accept, acceptUnless, type Checked, type Problem, warningAt } from "../../core/error/problem.ts";
import { listFew } from "../../core/text/list-few.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { type Environment, expandRuns } from "../../plan/expand/expand.ts";
import { refuseUnknown } from "../../plan/expand/find-target.ts";
import { keepNeeded } from "../../plan/expand/keep-needed.ts";
import type { ExpandedRun } from "../../plan/plan.ts";

/** The choice of a command line among the runs of a workflow. */
export interface RunChoice {
  /** Runs, arms, or names of matrices: these and what they need. None for the whole workflow. */
  names?: readonly string[] | undefined;
  /** Changes, in the form of `--set`. */
  settings?: readonly string[] | undefined;
}

/** A workflow of which the command line may have changed runs, and left some out. */
export interface ChosenRuns {
  definition: WorkflowDefinition;
  runs: ExpandedRun[];
}

/**
 * Chooses the runs of a workflow that a command line asks for. A part of a workflow publishes no version: conditions of
 * the whole workflow may be left out. Problems: those of `expandRuns` and `applySettings`, and `unknown-run`.
 */
export async function chooseRuns(
  definition: WorkflowDefinition,
  { environment, names = [], settings = [] }: RunChoice & { environment: Environment },
): Promise<Checked<ChosenRuns>> {
  const expanded = expandRuns(definition, environment);
  if (!expanded.ok) return expanded;
  const unknown = refuseUnknown(expanded.value, names, "the workflow").map((problem) => ({
    ...problem,
    location: definition.locate(["runs"]),
    hint: problem.hint ?? `it has: ${listFew(definition.runs.map(({ name }) => name))}`,
  }));
  const set = await changeFields(definition, { runs: expanded.value, settings });
  const warnings = [...expanded.warnings, ...(set.ok ? set.warnings : set.problems), ...unknown];
  if (!set.ok || names.length === 0) return acceptUnless(warnings, { definition, runs: set.ok ? set.value : [] });
  const part = { definition: { ...definition, publish: [] }, runs: keepNeeded(set.value, names) };
  return acceptUnless(unknown.length > 0 ? warnings : [...warnings, ...warnUnpublished(definition)], part);
}

async function changeFields(
  definition: WorkflowDefinition,
  { runs, settings }: { runs: ExpandedRun[]; settings: readonly string[] },
): Promise<Checked<ExpandedRun[]>> {
  if (settings.length === 0) return accept(runs);
  // Values are YAML, whose parser is a quarter of all code.
  const { applySettings } = await import("./apply-settings.ts");
  const locate = (name: string | null) => definition.locate(name === null ? ["runs"] : ["runs", name]);
  const set = applySettings(runs, { settings, whole: "the workflow", locate });
  return set.ok ? accept(set.value.runs, set.warnings) : set;
}

function warnUnpublished(definition: WorkflowDefinition): Problem[] {
  if (definition.publish.length === 0) return [];
  const message = "a part of a workflow publishes nothing: the files of the catalog stay as they are";
  return [warningAt(definition.locate(["publish"]), "not-published", message, "run the whole workflow to publish")];
}
