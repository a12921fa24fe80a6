import { EnvironmentError } from "../../core/error/environment-error.ts";
import { type Problem, problemAt, type RunsProblem } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { ProjectFacts } from "../../core/project-facts.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";
import { type ProbeAgainOptions, probeAgain } from "../replay/probe-again.ts";

type Asked =
  | { ok: true; value: { runs: PlannedRun[]; facts: ProjectFacts }; warnings: Problem[] }
  | { ok: false; problems: RunsProblem[] };

/**
 * Asks projects like `probeAgain`, but a fault of a project, or of the machine for it, is a problem of the runs that it
 * stops, and of no other.
 */
export async function askProjects(plan: Plan, { probe, touched }: ProbeAgainOptions): Promise<Asked> {
  const whole = await probeSafely(plan, { probe, touched });
  if (whole.ok) return whole;
  const asked = plan.runs.flatMap(({ run, task }) => (hasCatalog(task) && touched.has(run) ? [run] : []));
  const found: { run: string; problem: Problem }[] = [];
  for (const run of asked) {
    const alone = await probeSafely(plan, { probe, touched: new Set([run]) });
    if (!alone.ok) found.push(...listErrors(alone.problems).map((problem) => ({ run, problem })));
  }
  const byText = Map.groupBy(found, ({ problem }) => problem.message);
  const problems = Array.from(byText.values(), (alike) => tell(alike));
  if (problems.length > 0) return { ok: false, problems };
  // Each would do for itself: what is wrong is how they go together.
  const runs = asked.length > 0 ? asked : [...touched];
  return { ok: false, problems: listErrors(whole.problems).map((problem) => ({ runs, problem })) };
}

async function probeSafely(...[plan, options]: Parameters<typeof probeAgain>): ReturnType<typeof probeAgain> {
  try {
    return await probeAgain(plan, options);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { ok: false, problems: [problemAt(null, error.code, error.message, error.hint)] };
  }
}

function listErrors(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ severity }) => severity === "error").map((problem) => ({ ...problem, location: null }));
}

function tell(alike: readonly { run: string; problem: Problem }[]): RunsProblem {
  const [first] = alike;
  if (first === undefined) throw new Error("a group has a member");
  return { runs: alike.map(({ run }) => run), problem: first.problem };
}
