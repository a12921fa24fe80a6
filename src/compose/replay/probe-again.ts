import { dirname } from "node:path";
import { acceptUnless, type Checked, type Problem } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { ProjectFacts } from "../../core/project-facts.ts";
import type { GivenRead } from "../../core/read.ts";
import { findRead, listConsumed, listGiven } from "../../core/select-reads.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import type { ExpandedRun, Injection, Plan, PlannedRun } from "../../plan/plan.ts";
import { planRuns } from "../../plan/plan-workflow.ts";
import { type ProbedRuns, type ProbeProject, probeRuns } from "../prepare/probe-runs.ts";

export interface ProbeAgainOptions {
  probe: ProbeProject;
  /** Runs that may be executed: the others stay as they are. */
  touched: ReadonlySet<string>;
}

/**
 * Asks projects, as they are now, about the runs of an earlier plan that may be executed, and checks the one against the
 * other as planning does. What the project had frozen then stays so. Throws EnvironmentError if a project can't be asked.
 */
export async function probeAgain(
  plan: Plan,
  { probe, touched }: ProbeAgainOptions,
): Promise<Checked<{ runs: PlannedRun[]; facts: ProjectFacts }>> {
  const definition = describeAgain(plan);
  const expanded = plan.runs.map(unfreeze);
  const probed = await askAgain(plan, touched, probe);
  const given = new Map(plan.runs.map((run) => [run.run, Object.fromEntries(listGiven(run))]));
  const planned = planRuns(definition, expanded, probed.facts, given);
  if (!planned.ok) return { ok: false, problems: [...probed.problems, ...planned.problems] };
  const anew = new Map(planned.value.runs.map((run) => [run.run, run]));
  const runs = plan.runs.map((run) => (probed.facts.has(run.run) ? renew(run, anew.get(run.run) ?? run) : run));
  const problems = [...probed.problems, ...planned.warnings].map(withoutPlace);
  return acceptUnless(problems, { runs, facts: probed.facts });
}

/** Asks the present projects about some runs of an earlier plan. Throws EnvironmentError if one can't be asked. */
export async function askAgain(plan: Plan, runs: ReadonlySet<string>, probe: ProbeProject): Promise<ProbedRuns> {
  const asked = plan.runs.filter(({ run }) => runs.has(run)).map(unfreeze);
  const probed = await probeRuns(asked, { probe, definition: describeAgain(plan), needsWork: () => true });
  if (probed.fault !== null) throw probed.fault.error;
  return probed;
}

/** Keeps the frozen reads of the session, except for datasets that the run writes now. Plain files are looked at again. */
function renew(then: PlannedRun, now: PlannedRun): PlannedRun {
  const reads = Object.entries(now.reads).map(([dataset, read]) => {
    const before = findRead(then.reads, dataset);
    return [dataset, before?.rule === "frozen" && read.rule === "frozen" ? before : read] as const;
  });
  const files = Object.entries(then.reads).filter(
    ([dataset, { rule }]) => rule === "plain" && !Object.hasOwn(now.reads, dataset),
  );
  const saves = now.saves === undefined ? {} : { saves: now.saves };
  return { ...then, ...saves, reads: Object.fromEntries([...reads, ...files]) };
}

/** The workflow file may be another one by now, so problems are not located in it. */
function describeAgain({ workflow, file, project_path, maxParallel, onFailure, runs }: Plan): WorkflowDefinition {
  const tasks = runs.flatMap(({ task }) => (hasCatalog(task) ? [task] : []));
  return {
    name: workflow,
    file,
    dir: folderOf({ file }),
    project: project_path,
    max_parallel: maxParallel,
    on_failure: onFailure,
    isolate: tasks[0]?.isolate ?? "all",
    floating: [...new Set(tasks.flatMap(({ floating }) => floating))],
    publish: [],
    capture: "all",
    store: null,
    remote_stores: {},
    resources: {},
    runs: runs.map(({ definition }) => definition),
    locate: () => null,
  };
}

/** Returns the folder to which the shown paths of a plan are relative. */
export function folderOf({ file }: Pick<Plan, "file">): string {
  return file === null ? process.cwd() : dirname(file);
}

/** Returns the run as before the look at its inputs from outside: `planRuns` is given these apart. */
function unfreeze({ reads, ...run }: PlannedRun): ExpandedRun {
  const injects = listGiven({ reads }).map(([dataset, read]) => [dataset, toInjection(read)] as const);
  return { ...run, consumes: Object.fromEntries(listConsumed({ reads })), injects: Object.fromEntries(injects) };
}

function toInjection({ source }: GivenRead): Injection {
  return { kind: "value", value: null, shown: source };
}

function withoutPlace(problem: Problem): Problem {
  return { ...problem, location: null };
}
