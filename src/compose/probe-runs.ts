import { existsSync } from "node:fs";
import { accept, type Checked, type Location, type Problem, problemAt } from "../core/problem.ts";
import type { ProbeAnswer, ProbeRequest, ProjectFacts, SliceFacts } from "../core/project-facts.ts";
import type { KedroTask } from "../core/runner.ts";
import type { WorkflowDefinition } from "../define/definition.ts";
import type { ExpandedRun } from "../plan/plan.ts";

/** Asks one project, in one environment, about some of its runs. Throws EnvironmentError if the machine is not set up. */
export type ProbeProject = (task: KedroTask, request: ProbeRequest) => Promise<Checked<ProbeAnswer>>;

/** Asks every project of a workflow about its runs: one question per distinct (project, python, env, parameters). */
export async function probeRuns(
  runs: readonly ExpandedRun[],
  { probe, definition }: { probe: ProbeProject; definition: WorkflowDefinition },
): Promise<Checked<ProjectFacts>> {
  const kedro = runs.flatMap(({ run, task, definition: { name } }) =>
    task.kind === "kedro" ? [{ run, name, task }] : [],
  );
  const groups = Map.groupBy(kedro, ({ task }) => questionKey(task));
  const answers = await Promise.all(Array.from(groups.values(), (group) => askLocated(group, { probe, definition })));
  const problems = answers.flatMap((answer) => (answer.ok ? [] : answer.problems));
  if (problems.length > 0) return { ok: false, problems: dropRepeated(problems) };
  const slices = answers.flatMap((answer) => (answer.ok ? Object.entries(answer.value.slices) : []));
  return accept(new Map<string, SliceFacts>(slices));
}

/** What is wrong with a project is said where the workflow names it. */
async function askLocated(
  group: readonly { run: string; name: string; task: KedroTask }[],
  { probe, definition }: { probe: ProbeProject; definition: WorkflowDefinition },
): Promise<Checked<ProbeAnswer>> {
  const answer = await askProject(group, probe);
  if (answer.ok) return answer;
  const location = locateProject(group, definition);
  return {
    ok: false,
    problems: answer.problems.map((problem) => ({ ...problem, location: problem.location ?? location })),
  };
}

function locateProject(
  [first]: readonly { name: string; task: KedroTask }[],
  { project, locate }: WorkflowDefinition,
): Location | null {
  if (first === undefined) return null;
  return locate(first.task.project_path === project ? ["project"] : ["runs", first.name, "project"]);
}

async function askProject(
  group: readonly { run: string; task: KedroTask }[],
  probe: ProbeProject,
): Promise<Checked<ProbeAnswer>> {
  const [first] = group;
  if (first === undefined) throw new Error("a question about no run");
  const { project_path } = first.task;
  if (!existsSync(project_path)) return { ok: false, problems: [noProject(project_path)] };
  const slices = group.map(({ run, task: { pipeline_names, filters } }) => [run, { pipeline_names, filters }] as const);
  return await probe(first.task, { runtime_params: first.task.runtime_params, slices: Object.fromEntries(slices) });
}

function noProject(path: string): Problem {
  return problemAt(
    null,
    "PROJECT_NOT_FOUND",
    `there is no folder ${path}`,
    "mend `project`: it is relative to the workflow file",
  );
}

/** A project that can't be asked says so once per question. */
function dropRepeated(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()];
}

function questionKey({ project_path, python, env, conf_source, runtime_params }: KedroTask): string {
  return JSON.stringify([project_path, python, env, conf_source, runtime_params]);
}
