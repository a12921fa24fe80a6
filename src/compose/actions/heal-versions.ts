import {
  type HealingProposal,
  type HealingResult,
  type SessionHealed,
  UPSTREAM_NOT_HEALED,
} from "../../core/answer/healing.ts";
import type { Problem } from "../../core/error/problem.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import type { Fallback } from "../../explain/find/find-named.ts";
import { type AffectedRun, listAffectedRuns } from "../../explain/heal/affected-runs.ts";
import { type HealingVerdict, listPendingVerdicts, withVerdicts } from "../../explain/heal/judge-healing.ts";
import { captureCode, pickCapture } from "../capture/capture-origin.ts";
import { judgeExecution } from "../consent/judge-execution.ts";
import { settleDoubt } from "../consent/settle-doubt.ts";
import { finishHealing } from "../heal/finish-healing.ts";
import { prepareHealing } from "../heal/prepare-healing.ts";
import { type Found, findHealable, type Healing, proposeHealing } from "../heal/propose-healing.ts";
import { readGiven, readHealScope } from "../heal/read-heal-scope.ts";
import { recordHealing } from "../heal/record-healing.ts";
import { refuseSame } from "../heal/refuse-same.ts";
import { restoreCollected } from "../heal/restore-collected.ts";
import { refuseMoved } from "../home/home-state.ts";
import type { StateLocation } from "../locate-state.ts";
import { openProbe } from "../prepare/open-probe.ts";
import { codeFolder } from "../replay/describe-changes.ts";
import { runSession } from "../session/run-session.ts";
import type { EndedSession } from "../session/session-result.ts";
import { chooseParallelism } from "../workspace.ts";
import {
  type ActionContext,
  during,
  readRegistryAsync,
  reportFound,
  type StateAddress,
  warn,
  writeRegistry,
} from "./context.ts";
import { leadSession, withWorkspace } from "./session.ts";

/** Bad versions that are to be replaced by good ones. */
export interface HealRequest {
  /** Versions as `DATASET@RUN`, or sessions. Default: all that is bad. */
  what?: readonly string[] | undefined;
  /** Replacements that exist already, each as `DATASET@RUN=RUN_ID`. */
  with?: readonly string[] | undefined;
  /** Session in which the names of runs are looked for. */
  session?: string | undefined;
}

/** Plan of a healing; `healVersions` executes it. */
export interface PlannedHealing extends Healing {
  /** Verdicts that are recorded before anything is executed. */
  said: HealingVerdict[];
  fallbacks: Fallback[];
}

/**
 * Tells which runs healing would execute, and how long that takes; leaves no trace. Throws RefusalError, ExplainError,
 * InterruptedError.
 */
export async function planHealing(
  address: StateAddress,
  { what = [], with: replacements = [], session }: HealRequest = {},
  context: ActionContext = {},
): Promise<PlannedHealing> {
  return await readRegistryAsync(address, context, async (reader, state) => {
    refuseMoved({ registry: reader, folders: state }, "heal");
    const time = formatTime(systemClock.now());
    const owed = listPendingVerdicts(reader, time);
    const { scope, fallbacks } = readHealScope(reader, what, session);
    const before = withVerdicts(reader, owed);
    const read = await readGiven(before, replacements, { session, time, path: state.registry });
    const { given } = read;
    const registry = withVerdicts(before, given);
    for (const fallback of [...fallbacks, ...read.fallbacks]) reportFound(context, { fallback });
    const projects = openProbe();
    try {
      const source = { path: state.registry };
      const about = { registry, source, probe: projects.probe, folders: state, scope, owed, given };
      const confirm = async (found: readonly Found[]) => {
        const executions = found.map(({ session, kept }) => ({ session, runs: kept.plan.runs, store: kept.store }));
        const doubt = judgeExecution(executions, { reader, folders: state, environment: process.env });
        if (doubt !== null) context.onStep?.(null);
        await settleDoubt(doubt, context);
      };
      const proposing = proposeHealing({ ...about, confirm, environment: process.env, nowMs: Date.now() });
      const healing = await during(context, "looking for bad data", proposing);
      return { ...healing, said: [...owed, ...given], fallbacks: [...fallbacks, ...read.fallbacks] };
    } finally {
      await projects.close();
    }
  });
}

export interface HealOptions {
  /** True to move aliases from bad versions to those that replace them. */
  moveAliases?: boolean | undefined;
  /** Runs at once. Default: as in the sessions that are healed. */
  maxParallel?: number | undefined;
}

/** Listeners of healing; `onSession` is called for each session as soon as it has ended. */
export type HealContext = ActionContext & { onSession?(ended: EndedSession): void };

/** True if the plan has work to do. */
export function hasWork({ proposal, said }: PlannedHealing, { moveAliases = false }: HealOptions): boolean {
  const canMove = moveAliases && proposal.aliases.some(({ replaced_by }) => replaced_by !== null);
  return proposal.sessions.length > 0 || said.length > 0 || canMove;
}

/** Carries out a plan: replays each session that has bad versions in a new session. Throws as `replaySession`. */
export async function healVersions(
  address: StateAddress,
  { proposal, affectedRuns, said, options = {} }: Omit<PlannedHealing, "fallbacks"> & { options?: HealOptions },
  context: HealContext = {},
): Promise<HealingResult> {
  return await writeRegistry(address, context, async (registry, folders) => {
    const verdictCount = registry.verdicts().length;
    if (said.length > 0) registry.append(said);
    const sessions: SessionHealed[] = proposal.refused.map(({ session_id, problems }) => {
      return { session_id, healed_by: null, status: "refused", unhealed: [], problems };
    });
    const about = { address, registry, folders, told: listMessages(proposal), options };
    for (const { session_id } of proposal.sessions) {
      if (context.interrupt?.aborted) break;
      sessions.push(await healIfBad(session_id, { ...about, affectedRuns: listLeft(registry, affectedRuns) }, context));
    }
    const moves = options.moveAliases ?? false;
    return finishHealing({ registry, sessions, verdictCount, affectedRuns, proposal, moves });
  });
}

/** Lists the attempts of the plan that are still to be healed. */
function listLeft(registry: RegistryReader, affectedRuns: ReadonlyMap<RunId, AffectedRun>): Map<RunId, AffectedRun> {
  return new Map([...listAffectedRuns(registry)].filter(([run_id]) => affectedRuns.has(run_id)));
}

/** Lists the messages of the proposal about runs that can't be healed. */
function listMessages({ sessions, refused }: HealingProposal): ReadonlySet<string> {
  const all = [...refused, ...sessions.flatMap(({ unhealed }) => unhealed)].flatMap(({ problems }) => problems);
  return new Set(all.map(({ message }) => message));
}

interface SessionHealing {
  address: StateAddress;
  registry: Registry;
  folders: StateLocation;
  /** Attempts that are still to be healed. */
  affectedRuns: ReadonlyMap<RunId, AffectedRun>;
  /** Messages that need not be shown again. */
  told: ReadonlySet<string>;
  options: HealOptions;
}

async function healIfBad(id: SessionId, healing: SessionHealing, context: HealContext): Promise<SessionHealed> {
  const isBad = [...healing.affectedRuns.values()].some(({ session_id }) => session_id === id);
  // Earlier sessions of this healing may have saved equal data, so that this one has no bad version any more.
  if (!isBad) return { session_id: id, healed_by: null, status: "good", unhealed: [], problems: [] };
  const { registry, folders } = healing;
  const found = findHealable(id, { registry, folders, nowMs: Date.now() });
  return found.ok ? await healSession(found.value, healing, context) : refuse(id, found.problems, { healing, context });
}

/** Heals one session by replaying it in a new one. Records each replacement as soon as it is saved. */
async function healSession(
  { session, kept }: Pick<Parameters<typeof prepareHealing>[0], "session" | "kept">,
  healing: SessionHealing,
  context: HealContext,
): Promise<SessionHealed> {
  const { address, affectedRuns, options } = healing;
  const { session_id } = session;
  return await withWorkspace(address, { store: kept.store }, context, async (workspace) => {
    const { registry, earlier: source, probe, folders } = workspace;
    const about = {
      registry,
      source,
      probe,
      session,
      kept,
      affectedRuns,
      environment: process.env,
      isPending: () => false,
    };
    const prepare = () => during(context, null, prepareHealing(about));
    let prepared = await prepare();
    while (prepared.ok && prepared.value.restores.length > 0) {
      const lost = await restoreCollected(workspace, prepared.value.restores, context);
      if (lost.length > 0) return refuse(session_id, lost, { healing, context });
      prepared = await prepare();
    }
    if (!prepared.ok) return refuse(session_id, prepared.problems, { healing, context });
    const { plan, origin: replayOf, unhealed } = prepared.value;
    const untold = unhealed.flatMap(({ problems }) => problems.filter(({ code }) => code !== UPSTREAM_NOT_HEALED));
    tell(untold, { healing, context });
    const maxParallel = chooseParallelism(plan, options.maxParallel);
    const code = captureCode(codeFolder(session, kept), { root: folders.root, ...pickCapture(plan) });
    // Healing is on record before the reporters hear that the run has ended.
    const recorder = recordHealing(workspace, session);
    const ended = await leadSession(context, { plan, maxParallel, workspace }, ({ reporters, ...led }) =>
      runSession({ ...led, plan, code, replayOf, demand: refuseSame, reporters: [recorder, ...reporters] }),
    );
    context.onSession?.(ended);
    const { session_id: healed_by, status } = ended.record;
    const came = status !== "success" ? "failed" : unhealed.length > 0 ? "partial" : "healed";
    return { session_id, healed_by, status: came, unhealed, problems: [] };
  });
}

interface Telling {
  healing: SessionHealing;
  context: ActionContext;
}

function refuse(session_id: SessionId, problems: Problem[], telling: Telling): SessionHealed {
  tell(problems, telling);
  const waits = problems.every(({ code }) => code === "not-healed");
  return { session_id, healed_by: null, status: waits ? "waiting" : "refused", unhealed: [], problems };
}

function tell(problems: readonly Problem[], { healing, context }: Telling): void {
  warn(context, [...new Set(problems.filter(({ message }) => !healing.told.has(message)))], "plan");
}
