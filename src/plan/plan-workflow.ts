import { acceptUnless, type Checked, type Problem, problemAt } from "../core/error/problem.ts";
import { hasCatalog } from "../core/kinds.ts";
import type { ProjectFacts } from "../core/project-facts.ts";
import type { WorkflowDefinition } from "../define/definition.ts";
import { checkFacts } from "./check/check.ts";
import { buildGraph, formatCycle } from "./graph.ts";
import { listSaves } from "./places/list-saves.ts";
import { listWritten } from "./places/list-written.ts";
import { choosePublishTargets } from "./places/publish-targets.ts";
import { settleReads } from "./places/settle-reads.ts";
import type { ExpandedRun, GivenReads, Plan, PlannedRun } from "./plan.ts";
import { listSharedPlaces } from "./shared-places.ts";

/**
 * The plan of a workflow: its runs in an order that can be executed, with all that is known of their reads and writes.
 * `facts` holds the project's answer for each run that has a project, by run name; a run without an answer is not checked.
 * `given` has what every run takes from outside the session. Problems: `cycle`, those of `checkFacts` and those of `choosePublishTargets`.
 */
export function planRuns(
  definition: WorkflowDefinition,
  expanded: readonly ExpandedRun[],
  facts: ProjectFacts,
  given: GivenReads = new Map(),
): Checked<Plan> {
  const graph = buildGraph(expanded);
  const ordered = graph.order();
  if (!ordered.ok) return { ok: false, problems: describeCycles(definition, expanded, ordered.cycles) };
  const byName = new Map(expanded.map((run) => [run.run, run]));
  const inOrder = ordered.order.flatMap((name) => byName.get(name) ?? []);
  const runs = inOrder.map((run, index) => planRun(run, index, { facts, given }));
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
  { facts, given }: { facts: ProjectFacts; given: GivenReads },
): PlannedRun {
  const slice = facts.get(run.run);
  const { consumes: _, injects: __, ...rest } = run;
  const reads = settleReads(run, { facts, given: given.get(run.run) ?? {} });
  const shared = listSharedPlaces(run, reads, slice);
  const places = shared.length === 0 ? {} : { places: shared };
  const saves = hasCatalog(run.task) && slice !== undefined ? { saves: listSaves(run.task, slice) } : {};
  return { ...rest, reads, index, ...saves, ...places, work: null };
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
