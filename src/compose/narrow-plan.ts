import { acceptUnless, type Checked, type Problem, problemAt } from "../core/problem.ts";
import type { RegistryReader } from "../core/registry.ts";
import { isDone, type SessionRecord } from "../core/run.ts";
import { sayWhich } from "../core/suggest.ts";
import { refuseUnknown } from "../plan/find-target.ts";
import type { FrozenInput, Plan, PlannedRun } from "../plan/plan.ts";
import { freezeRunId } from "./freeze-run-id.ts";
import type { RegistrySource } from "./registry-source.ts";

const SESSIONS_SEARCHED = 100;

export interface NarrowOptions {
  only: string;
  /** A session_id or its beginning. Default: the newest session of the workflow in which all that the run consumes from succeeded. */
  from: string | undefined;
  registry: RegistrySource;
}

/**
 * The plan of one run alone, on what its upstream runs saved in an earlier session. It publishes nothing. Problems:
 * `unknown-run`, `unknown-session`, `no-upstream`, and those of data that have changed since.
 */
export async function narrowPlan(plan: Plan, { only, from, registry }: NarrowOptions): Promise<Checked<Plan>> {
  const planned = plan.runs.find(({ run }) => run === only);
  if (planned === undefined) return reject(refuseName(plan, only));
  const session = findUpstream(planned, { plan, from, reader: registry.open() });
  if (session === null) {
    const hint = from === undefined ? "name a session with --from" : "`runweave sessions` lists them";
    const where = from === undefined ? `no session of ${plan.workflow}` : `the session "${from}"`;
    return reject(problemAt(null, "no-upstream", `${where} has not all that ${only} consumes`, hint));
  }
  const { injects, problems } = await injectUpstream(planned, { session, registry });
  const policy = { ...planned.policy, runOn: "success" as const };
  const alone = { ...planned, policy, needs: [], consumes: {}, injects: { ...planned.injects, ...injects }, index: 0 };
  return acceptUnless(problems, { ...plan, publish: [], runs: [alone] });
}

/** The name of a run with a matrix is that of no run alone. */
function refuseName({ runs }: Plan, only: string): Problem {
  const arms = runs.filter(({ definition }) => definition.name === only).map(({ run }) => run);
  if (arms.length === 0) return refuseUnknown(runs, [only], "the plan")[0] as Problem;
  return problemAt(null, "unknown-run", `"${only}" has a matrix, and so ${arms.length} runs`, sayWhich(arms));
}

function reject(problem: Problem): Checked<Plan> {
  return { ok: false, problems: [problem] };
}

type Session = Pick<SessionRecord, "runs">;

/** An empty one if the run consumes nothing. */
function findUpstream(
  planned: PlannedRun,
  { plan, from, reader }: { plan: Plan; from: string | undefined; reader: RegistryReader | null },
): Session | null {
  const wanted = new Set(Object.values(planned.consumes).map(({ run }) => run));
  if (wanted.size === 0) return { runs: [] };
  if (reader === null) return null;
  const listed = () => reader.listSessions({ workflow: plan.workflow, limit: SESSIONS_SEARCHED });
  for (const id of from === undefined ? listed().map(({ session_id }) => session_id) : [from]) {
    const session = reader.findSession(id);
    const saved = session?.runs.filter(({ run, status }) => wanted.has(run) && isDone(status)) ?? [];
    if (session !== null && saved.length === wanted.size) return session;
  }
  return null;
}

/** What the run consumes, as it would say `run_id: ...` of each dataset. */
async function injectUpstream(
  planned: PlannedRun,
  { session, registry }: { session: Session; registry: RegistrySource },
): Promise<{ injects: Record<string, FrozenInput>; problems: Problem[] }> {
  const injects: Record<string, FrozenInput> = {};
  const problems: Problem[] = [];
  for (const [name, { run, dataset, as }] of Object.entries(planned.consumes)) {
    const run_id = session.runs.find((record) => record.run === run)?.run_id ?? "";
    const freezing = await freezeRunId({ kind: "run_id", run_id, dataset, as }, registry);
    if (freezing.ok) injects[name] = freezing.input;
    else problems.push(problemAt(null, freezing.fault.code, freezing.fault.message, freezing.fault.hint));
  }
  return { injects, problems };
}
