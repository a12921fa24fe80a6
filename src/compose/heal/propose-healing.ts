import type { HealedSession, HealingProposal, UnhealedSession } from "../../core/answer/healing.ts";
import { type Checked, type Problem, problemAt } from "../../core/error/problem.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { SessionRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { measureBlast } from "../../explain/blast-radius.ts";
import { baseKey } from "../../explain/equal-versions.ts";
import {
  type AffectedRun,
  chooseAffectedRuns,
  type HealScope,
  listAffectedRuns,
  orderSessions,
} from "../../explain/heal/affected-runs.ts";
import type { HealingVerdict } from "../../explain/heal/judge-healing.ts";
import { traceTaints } from "../../explain/taint.ts";
import { addCosts, estimateHealing } from "../../resolve/estimate-healing.ts";
import { formatFormer } from "../home/home-state.ts";
import type { KeptPlan } from "../kept-plan/keep-plan.ts";
import type { ProbeProject } from "../prepare/probe-runs.ts";
import { formatChanges } from "../replay/describe-changes.ts";
import { NotReplayableError, readReplayable, standsForAdopted } from "../replay/find-replayable.ts";
import type { PreparedReplay } from "../replay/prepare-replay.ts";
import { judgeOwner } from "../session/session-lease.ts";
import { type HealingOptions, type PreparedHealing, prepareHealing } from "./prepare-healing.ts";

export interface ProposeOptions {
  /** Registry with the owed verdicts and those of `--with` as if they were on record. */
  registry: RegistryReader;
  source: { path: string };
  probe: ProbeProject;
  folders: StateFolders;
  scope: HealScope;
  owed: readonly HealingVerdict[];
  given: readonly HealingVerdict[];
  environment: Readonly<Record<string, string | undefined>>;
  nowMs: number;
  /** Asked once, before any project is asked what it would run. Rejects if none is to be asked. */
  confirm?: (sessions: readonly Found[]) => Promise<void>;
}

/** Sessions to heal, in order. */
export interface Healing {
  proposal: HealingProposal;
  affectedRuns: ReadonlyMap<RunId, AffectedRun>;
}

/**
 * Proposes a healing: the runs that it would execute at most, the cost, and the runs that can't be healed, with
 * reasons. Executes no run.
 */
export async function proposeHealing(options: ProposeOptions): Promise<Healing> {
  const { registry, scope, given } = options;
  const affectedRuns = chooseAffectedRuns(listAffectedRuns(registry), { registry, scope });
  const pending = new Set<RunId>();
  const sessions: HealedSession[] = [];
  const refused: UnhealedSession[] = [];
  const ids = orderSessions(affectedRuns.values());
  await options.confirm?.(
    ids.map((id) => findHealable(id, options)).flatMap((found) => (found.ok ? [found.value] : [])),
  );
  for (const id of ids) {
    const own = [...affectedRuns.values()].filter(
      ({ session_id, run_id }) => session_id === id && !pending.has(run_id),
    );
    // Every attempt is executed again by the healing of an earlier session of this list, which had taken the results over.
    if (own.length === 0) continue;
    const workflow = own[0]?.workflow ?? "";
    const found = findHealable(id, options);
    const isPending = (runId: RunId) => pending.has(runId);
    const prepared = found.ok ? await prepareHealing({ ...options, ...found.value, affectedRuns, isPending }) : found;
    if (found.ok && prepared.ok) {
      const warnings = [...(await formatChanges(found.value, options)), ...prepared.warnings];
      sessions.push(describeSession(found.value.session, prepared.value, warnings));
      const unhealed = new Set(prepared.value.unhealed.map(({ run }) => run));
      const healed = own.filter(({ run }) => !unhealed.has(run)).map(({ run_id }) => run_id);
      const made = [...healed, ...listMade(found.value.session, prepared.value)];
      for (const run_id of made) pending.add(run_id);
    } else {
      const problems = prepared.ok ? [] : prepared.problems;
      refused.push({ session_id: id, workflow, runs: own.map(({ run }) => run), problems });
    }
  }
  const proposal: HealingProposal = {
    taints: listCauses(registry, affectedRuns),
    owed: options.owed.length,
    given: given.map(describeGiven),
    ...{ sessions, refused },
    least: addCosts(sessions.map(({ least }) => least)),
    most: addCosts(sessions.map(({ most }) => most)),
    unknown_durations: sessions.flatMap(listUnknown),
    ...findNames(registry, affectedRuns),
  };
  return { proposal, affectedRuns };
}

/** Lists the attempts that the runs of a session would replace. */
function listMade({ runs }: SessionRecord, { plan }: PreparedReplay): RunId[] {
  const made = new Set(plan.runs.flatMap(({ run, replay }) => (replay?.action === "link" ? [] : [run])));
  return runs.flatMap(({ run, run_id }) => (made.has(run) && run_id !== null ? [run_id] : []));
}

/** A session to heal, with its plan. */
export type Found = Pick<HealingOptions, "session"> & { kept: KeptPlan };

/** Finds a session and its plan, unless a process runs it, heals it already, or it has none. */
export function findHealable(
  id: SessionId,
  { registry, folders, nowMs }: Pick<ProposeOptions, "registry" | "folders" | "nowMs">,
): Checked<Found> {
  const session = registry.findSession(id);
  if (session === null) throw new Error(`the registry has lost session ${id}`);
  if (session.rollback !== null) {
    const message = `session ${id} was rolled back: its runs are not done again`;
    return refuse("session-rolled-back", message, `name a replacement: ${WITH}`);
  }
  const former = formatFormer({ registry, folders }, id);
  if (former !== null) return refuse("registry-moved", former.message, former.hint);
  const other = registry.listSessions({ status: "running" }).find(({ session_id, replay_of }) => {
    const isOfThis = replay_of?.heals === true && replay_of.session_id === id;
    return isOfThis && judgeOwner(registry.ownershipOf(session_id), nowMs) === "working";
  });
  if (other !== undefined) {
    const hint = `wait for it, or \`runweave cancel ${other.session_id}\` ends it`;
    return refuse("healing-under-way", `session ${id} is being healed by session ${other.session_id}`, hint);
  }
  if (standsForAdopted(session)) {
    const message = `session ${id} only stands for versions that were adopted: it is unknown what made them`;
    return refuse("version-adopted", message, `name a replacement: ${WITH}`);
  }
  try {
    return { ok: true, value: { session, kept: readReplayable(registry, session, { folders, nowMs }) }, warnings: [] };
  } catch (error) {
    if (!(error instanceof NotReplayableError)) throw error;
    const hint = error.code === "session-owned" ? error.hint : `${error.hint}, and give what that saves: ${WITH}`;
    return refuse(error.code, error.message, hint);
  }
}

const WITH = "--with DATASET@RUN=RUN_ID";

function refuse(code: string, message: string, hint: string | null): { ok: false; problems: Problem[] } {
  return { ok: false, problems: [problemAt(null, code, message, hint)] };
}

function describeSession(
  session: SessionRecord,
  { plan, restores, unhealed }: PreparedHealing,
  warnings: Problem[],
): HealedSession {
  const records = new Map(session.runs.map((record) => [record.run, record]));
  const runs = plan.runs.map(({ run, needs, replay }) => {
    const { action, run_id, reason } = replay ?? { action: "run" as const, run_id: null, reason: "it is new" };
    const duration_ms = action === "link" ? null : (records.get(run)?.duration_ms ?? null);
    return { run, needs, action, run_id, reason, duration_ms };
  });
  return {
    session_id: session.session_id,
    workflow: session.workflow,
    runs: runs.map(({ needs: _, ...run }) => run),
    least: estimateHealing(runs.filter(({ action }) => action === "run")),
    most: estimateHealing(runs.filter(({ action }) => action !== "link")),
    ...{ restores, unhealed, warnings },
  };
}

function listUnknown({ session_id, runs }: HealedSession): string[] {
  const unknown = runs.filter(({ action, duration_ms }) => action !== "link" && duration_ms === null);
  return unknown.map(({ run }) => `${run} of ${session_id}`);
}

function listCauses(
  registry: RegistryReader,
  affectedRuns: ReadonlyMap<RunId, AffectedRun>,
): HealingProposal["taints"] {
  const keys = new Set([...affectedRuns.values()].map(({ taint }) => baseKey(taint)));
  return traceTaints(registry).versions.flatMap((bad) => {
    const isCause = bad.kind === "tainted" && keys.has(baseKey(bad));
    return isCause ? [{ dataset: bad.dataset, run_id: bad.run_id, reason: bad.taint.reason }] : [];
  });
}

function describeGiven(verdict: HealingVerdict): HealingProposal["given"][number] {
  const { dataset, run_id } = verdict;
  return verdict.type === "version.confirmed"
    ? { dataset, run_id, by: verdict.equal_to, verdict: "confirmed" }
    : { dataset, run_id, by: verdict.replaced_by, verdict: "replaced" };
}

/** Sessions that reuse a version publish it again, at the same place for the most part. */
function listOnce(published: HealingProposal["published"]): HealingProposal["published"] {
  const once = new Map(
    published.map(({ dataset, run_id, location }) => [
      `${location}\n${dataset}@${run_id}`,
      { dataset, run_id, location },
    ]),
  );
  return [...once.values()];
}

/** Aliases and plain paths that stand for what is healed, or was before. */
function findNames(
  registry: RegistryReader,
  affectedRuns: ReadonlyMap<RunId, AffectedRun>,
): Pick<HealingProposal, "aliases" | "published"> {
  const { aliases, published, replaced } = measureBlast(registry);
  const by = new Map(replaced.map((each) => [baseKey(each), each.replaced_by]));
  const isMeant = (version: { dataset: string; run_id: RunId }) =>
    affectedRuns.has(version.run_id) || by.has(baseKey(version));
  return {
    aliases: aliases.filter(isMeant).map(({ alias, dataset, run_id }) => {
      return { alias, dataset, run_id, replaced_by: by.get(baseKey({ dataset, run_id })) ?? null };
    }),
    published: listOnce(published.filter(isMeant)),
  };
}
