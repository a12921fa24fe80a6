import { acceptUnless, type Checked, type Problem, problemAt } from "../../core/error/problem.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { GivenRead } from "../../core/read.ts";
import { isDone, type SessionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { listConsumed, takePlace } from "../../core/select-reads.ts";
import { sayWhich } from "../../core/text/suggest.ts";
import { type DeclaredName, refuseUnknown } from "../../plan/expand/find-target.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";
import { freezeRunId } from "../freeze/freeze-run-id.ts";
import type { RegistrySource } from "../registry-source.ts";

const SESSIONS_SEARCHED = 100;

export interface NarrowOptions {
  only: string;
  /** A session_id or its beginning. Default: the newest session of the workflow in which all that the run consumes from succeeded. */
  from: string | undefined;
  registry: RegistrySource;
}

/**
 * Narrows a plan to one run, on the versions that its upstream runs saved in an earlier session. It publishes no
 * version. Problems: `unknown-run`, `unknown-session`, `no-upstream`, and those of data that have changed since.
 */
export async function narrowPlan(plan: Plan, { only, from, registry }: NarrowOptions): Promise<Checked<Plan>> {
  const planned = plan.runs.find(({ run }) => run === only);
  if (planned === undefined) return { ok: false, problems: refuseName(plan.runs, only) };
  const reader = registry.open();
  if (from !== undefined && (reader?.findSession(from) ?? null) === null) {
    return reject(
      problemAt(null, "unknown-session", `there is no session "${from}"`, "`runweave sessions` lists them"),
    );
  }
  const upstream = findUpstream(planned, { plan, from, reader });
  if (upstream === null) {
    const hint = from === undefined ? "name a session with --from" : "`runweave sessions` lists them";
    const where = from === undefined ? `no session of ${plan.workflow}` : `the session "${from}"`;
    return reject(problemAt(null, "no-upstream", `${where} has not all that ${only} consumes`, hint));
  }
  const { given, problems } = await giveUpstream(planned, { upstream, registry });
  const policy = { ...planned.policy, runOn: "success" as const };
  const alone = { ...planned, policy, needs: [], reads: { ...planned.reads, ...given }, index: 0 };
  return acceptUnless(problems, { ...plan, publish: [], runs: [alone] });
}

/** Tells why a name is that of no single run, as that of a run with a matrix is; no problems if it is. */
export function refuseName(runs: readonly DeclaredName[], only: string): Problem[] {
  if (runs.some(({ run }) => run === only)) return [];
  const arms = runs.filter(({ definition }) => definition.name === only).map(({ run }) => run);
  if (arms.length === 0) return refuseUnknown(runs, [only], "the plan");
  return [problemAt(null, "unknown-run", `"${only}" has a matrix, and so ${arms.length} runs`, sayWhich(arms))];
}

function reject(problem: Problem): Checked<Plan> {
  return { ok: false, problems: [problem] };
}

/** The attempt that saved what is consumed, by the name under which it is read. */
type Upstream = ReadonlyMap<string, RunId>;

/** Finds upstream runs in the named session, else in the newest one of the workflow. Null if it lacks some of them. */
function findUpstream(
  planned: PlannedRun,
  { plan, from, reader }: { plan: Plan; from: string | undefined; reader: RegistryReader | null },
): Upstream | null {
  const names = listConsumed(planned).map(([name]) => name);
  if (names.length === 0) return new Map();
  if (reader === null) return null;
  const { workflow, file: workflow_file } = plan;
  const listed = () => reader.listSessions({ workflow, workflow_file, limit: SESSIONS_SEARCHED });
  for (const id of from === undefined ? listed().map(({ session_id }) => session_id) : [from]) {
    const session = reader.findSession(id);
    if (session === null) continue;
    // A session of this run alone has only the run's inputs.
    const given = from === undefined ? new Map() : listGiven(planned.run, session, reader);
    const upstream = new Map([...given, ...listSaved(planned, session)]);
    if (names.every((name) => upstream.has(name))) return upstream;
  }
  return null;
}

function listSaved(planned: PlannedRun, { runs }: SessionRecord): [string, RunId][] {
  return listConsumed(planned).flatMap(([name, { run }]): [string, RunId][] => {
    const found = runs.find((record) => record.run === run && isDone(record.status))?.run_id;
    return found == null ? [] : [[name, found]];
  });
}

function listGiven(run: string, { runs }: SessionRecord, reader: RegistryReader): Map<string, RunId> {
  const own = runs.find((record) => record.run === run)?.run_id;
  const pins = own == null ? [] : reader.pinsOf([own]).filter(({ rule }) => rule === "run_id");
  return new Map(pins.map(({ dataset, version, vouched_by }) => [dataset, vouched_by ?? (version as RunId)]));
}

/** Gives the run its inputs, like `run_id: ...` for each dataset. */
async function giveUpstream(
  planned: PlannedRun,
  { upstream, registry }: { upstream: Upstream; registry: RegistrySource },
): Promise<{ given: Record<string, GivenRead>; problems: Problem[] }> {
  const given: Record<string, GivenRead> = {};
  const problems: Problem[] = [];
  for (const [name, read] of listConsumed(planned)) {
    const { dataset, as } = read;
    const wanted = { kind: "run_id", run_id: upstream.get(name) ?? "", dataset, as } as const;
    const freezing = await freezeRunId(wanted, registry);
    if (freezing.ok) given[name] = takePlace(freezing.input, read);
    else problems.push(problemAt(null, freezing.fault.code, freezing.fault.message, freezing.fault.hint));
  }
  return { given, problems };
}
