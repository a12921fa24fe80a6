import { existsSync } from "node:fs";
import { EnvironmentError } from "../../core/error/environment-error.ts";
import { type Checked, type Problem, problemAt } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { ProjectAgent } from "../../core/port/project-agent.ts";
import type { KedroTask } from "../../core/port/runner.ts";
import type { ProbeAnswer, ProjectFacts, SliceQuestion } from "../../core/project-facts.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { locateKey } from "../../plan/locate-key.ts";
import type { ExpandedRun } from "../../plan/plan.ts";

/** Asks one project, in one environment, about some of its runs. Throws EnvironmentError if the machine is not set up. */
export type ProbeProject = ProjectAgent["probe"];

/** Answers of the projects. A run without facts is one whose project can't be asked. */
export interface ProbedRuns {
  facts: ProjectFacts;
  problems: Problem[];
  /** Fault of this machine because of which a project can't be asked, with its place in the workflow. */
  fault: { error: EnvironmentError; problem: Problem } | null;
}

interface Asked {
  run: string;
  name: string;
  task: KedroTask;
  /** The file names no environment of Kedro's, and `KEDRO_ENV` does. */
  takesVariable: boolean;
  supplied: string[];
  needsWork: boolean;
}

interface ProbeOptions {
  probe: ProbeProject;
  definition: WorkflowDefinition;
  /** True if a run's result may be reused, so that its dependencies have to be known. */
  needsWork?: (run: ExpandedRun) => boolean;
}

/** Keys of a workflow that a problem of a whole project can be about; else the project. */
const KEYS_OF_CODE: Readonly<Record<string, readonly string[]>> = {
  "env-not-found": ["env"],
  "conf-source-not-found": ["conf_source"],
  "python-missing": ["python", "project"],
  "kedro-missing": ["python", "project"],
  "kedro-too-old": ["python", "project"],
};

/**
 * Asks every project of a workflow about its runs: one question per distinct (project, python, env, parameters). A
 * project that can't answer hides no problem of the others.
 */
export async function probeRuns(
  runs: readonly ExpandedRun[],
  { probe, definition, needsWork = () => false }: ProbeOptions,
): Promise<ProbedRuns> {
  const kedro = runs.flatMap((expanded): Asked[] => {
    const { task, run, definition } = expanded;
    if (!hasCatalog(task)) return [];
    const takesVariable = hasCatalog(definition) && definition.env === null && task.env !== null;
    const supplied = Object.keys({ ...expanded.consumes, ...expanded.injects });
    return [{ run, name: definition.name, task, takesVariable, supplied, needsWork: needsWork(expanded) }];
  });
  const groups = Map.groupBy(kedro, ({ task }) => questionKey(task));
  const answers = await Promise.all(Array.from(groups.values(), (group) => askLocated(group, { probe, definition })));
  return {
    facts: new Map(answers.flatMap(({ facts }) => [...facts])),
    problems: dropRepeated(answers.flatMap(({ problems }) => problems)),
    fault: answers.find(({ fault }) => fault !== null)?.fault ?? null,
  };
}

/** Asks a project, and locates its problems where the workflow names it. */
async function askLocated(
  group: readonly Asked[],
  { probe, definition }: { probe: ProbeProject; definition: WorkflowDefinition },
): Promise<ProbedRuns> {
  const [first] = group;
  if (first === undefined) throw new Error("a question about no run");
  try {
    const answer = await askProject(group, first.task, probe);
    if (answer.ok) return { facts: listFacts(answer.value), problems: [], fault: null };
    const problems = answer.problems.map((problem) => locateProblem(problem, first, definition));
    return { facts: new Map(), problems, fault: null };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    const problem = problemAt(null, error.code, error.message, error.hint);
    return { facts: new Map(), problems: [], fault: { error, problem: locateProblem(problem, first, definition) } };
  }
}

/** The place of an environment that the file does not name is in the shell. */
function locateProblem(problem: Problem, { name, takesVariable }: Asked, definition: WorkflowDefinition): Problem {
  const { code } = problem;
  const isOfVariable = takesVariable && code === "env-not-found";
  const keys = isOfVariable ? undefined : KEYS_OF_CODE[code];
  const location = problem.location ?? locateKey(definition, name, keys ?? ["project"]);
  const message = isOfVariable ? `${problem.message}, which KEDRO_ENV names` : problem.message;
  return { ...problem, message, location };
}

function listFacts({ slices, kedro, python, packages }: ProbeAnswer): ProjectFacts {
  const told = packages === undefined ? {} : { environment: { python, kedro, packages } };
  return new Map(Object.entries(slices).map(([run, slice]) => [run, { ...slice, ...told }]));
}

async function askProject(
  group: readonly Asked[],
  task: KedroTask,
  probe: ProbeProject,
): Promise<Checked<ProbeAnswer>> {
  const { project_path, runtime_params } = task;
  if (!existsSync(project_path)) return { ok: false, problems: [noProject(project_path)] };
  const slices = group.map((asked) => [asked.run, describeSlice(asked)] as const);
  const work = group.some(({ needsWork }) => needsWork);
  return await probe(task, { runtime_params, slices: Object.fromEntries(slices), work });
}

function describeSlice({ task, supplied }: Asked): SliceQuestion {
  const { pipeline_names, filters, runner, is_async, outputs, isolate, floating } = task;
  return { pipeline_names, filters, runner, is_async, outputs, supplied, isolate, floating };
}

function noProject(path: string): Problem {
  return problemAt(
    null,
    "project-not-found",
    `there is no folder ${path}`,
    "fix `project`: it is relative to the workflow file",
  );
}

/** A project that can't be asked says so once per question. */
function dropRepeated(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()];
}

function questionKey({ project_path, python, env, conf_source, runtime_params }: KedroTask): string {
  return JSON.stringify([project_path, python, env, conf_source, runtime_params]);
}
