import { acceptUnless, type Checked, type Problem, problemAt } from "../core/error/problem.ts";
import type { ProjectFacts, SliceFacts } from "../core/project-facts.ts";
import type { WorkflowDefinition } from "../define/definition.ts";
import { checkFacts } from "./check/check.ts";
import { buildGraph, formatCycle } from "./graph.ts";
import { listSaves } from "./places/list-saves.ts";
import { listWritten } from "./places/list-written.ts";
import { findFacts, isMemory, isWrittenByItself } from "./places/places.ts";
import { choosePublishTargets } from "./places/publish-targets.ts";
import { settleInjects, settleInputs } from "./places/settle-inputs.ts";
import type { ExpandedRun, FrozenInputs, Plan, PlannedRun } from "./plan.ts";
import { listSharedPlaces } from "./shared-places.ts";
import { isSupplied, type Supplied } from "./supplied.ts";
import { isDeclared } from "./transcoding.ts";

/**
 * The plan of a workflow: its runs in an order that can be executed, with all that is known of their reads and writes.
 * `facts` holds the project's answer for each run that has a project, by run name; a run without an answer is not checked.
 * `frozen` has what every run takes from outside the session. Problems: `cycle`, those of `checkFacts` and those of `choosePublishTargets`.
 */
export function planRuns(
  definition: WorkflowDefinition,
  expanded: readonly ExpandedRun[],
  facts: ProjectFacts,
  frozen: FrozenInputs = new Map(),
): Checked<Plan> {
  const graph = buildGraph(expanded);
  const ordered = graph.order();
  if (!ordered.ok) return { ok: false, problems: describeCycles(definition, expanded, ordered.cycles) };
  const byName = new Map(expanded.map((run) => [run.run, run]));
  const inOrder = ordered.order.flatMap((name) => byName.get(name) ?? []);
  const runs = inOrder.map((run, index) => planRun(run, index, { facts, frozen }));
  const checked = checkFacts({ definition, runs, graph, facts });
  const published = choosePublishTargets(definition, runs, facts);
  const written = listWritten(runs, { publish: published.targets, facts });
  return acceptUnless([...checked, ...published.problems], {
    workflow: definition.name,
    file: definition.file,
    project_path: definition.project,
    maxParallel: definition.max_parallel,
    onFailure: definition.on_failure,
    capacity: null,
    publish: published.targets,
    ...(written.length === 0 ? {} : { written }),
    ...(definition.capture === "tracked" ? { capture: definition.capture } : {}),
    runs,
  });
}

function planRun(
  run: ExpandedRun,
  index: number,
  { facts, frozen }: { facts: ProjectFacts; frozen: FrozenInputs },
): PlannedRun {
  const slice = facts.get(run.run);
  const found = frozen.get(run.run) ?? {};
  const missing = Object.keys(run.injects).find((dataset) => !Object.hasOwn(found, dataset));
  if (missing !== undefined) throw new Error(`${missing}, an input of ${run.run}, was not looked up`);
  const consumes = settleInputs(run, facts);
  const injects = settleInjects(run, found, facts);
  const supplied = { consumes, injects };
  const writes = listWrites(run, slice);
  const passedOver = listPassedOver([...Object.keys(consumes), ...Object.keys(injects), ...writes], slice);
  const shared = listSharedPlaces(run, supplied, slice);
  const places = shared.length === 0 ? {} : { places: shared };
  const frozenVersions = freezeRest(run, supplied, slice);
  const saves = run.task.kind === "kedro" && slice !== undefined ? { saves: listSaves(run.task, slice) } : {};
  return { ...run, ...supplied, index, writes, ...saves, frozen: frozenVersions, ...places, passedOver, work: null };
}

function listWrites(run: ExpandedRun, slice: SliceFacts | undefined): string[] {
  const { task } = run;
  switch (task.kind) {
    case "kedro":
      return slice === undefined
        ? [...task.outputs]
        : slice.outputs.filter((name) => hasPlace(name, task.outputs, slice));
    case "command":
      return Object.keys(task.outputs);
    default:
      return task satisfies never;
  }
}

function hasPlace(dataset: string, declared: readonly string[], slice: SliceFacts): boolean {
  if (isDeclared(declared, dataset)) return true;
  const facts = findFacts(slice, dataset);
  return facts?.in_catalog === true && !isMemory(facts);
}

/** The project's own versions of what comes from nowhere else. */
function freezeRest({ task }: ExpandedRun, supplied: Supplied, slice: SliceFacts | undefined): Record<string, string> {
  if (task.kind !== "kedro" || slice === undefined) return {};
  const frozen = slice.inputs.flatMap((dataset): [string, string][] => {
    const facts = findFacts(slice, dataset);
    const settled = isSupplied(supplied, dataset) || task.floating.includes(dataset);
    if (isWrittenByItself(task, slice, dataset)) return [];
    return settled || !facts?.versioned || facts.latest_version === null ? [] : [[dataset, facts.latest_version]];
  });
  return Object.fromEntries(frozen);
}

function listPassedOver(datasets: readonly string[], slice: SliceFacts | undefined): Record<string, string> {
  if (slice === undefined) return {};
  const found = datasets.flatMap((dataset): [string, string][] => {
    const latest = findFacts(slice, dataset)?.latest_version ?? null;
    return latest === null ? [] : [[dataset, latest]];
  });
  return Object.fromEntries(found);
}

function describeCycles(
  definition: WorkflowDefinition,
  runs: readonly ExpandedRun[],
  cycles: readonly string[][],
): Problem[] {
  const names = new Map(runs.map((run) => [run.run, run.definition.name]));
  return cycles.slice(0, 20).map((cycle) => {
    const location = definition.locate(["runs", names.get(cycle[0] ?? "") ?? ""]);
    return problemAt(
      location,
      "cycle",
      `${formatCycle(cycle)}: each of these runs waits for the next`,
      "remove one of the edges",
    );
  });
}
