import { EnvironmentError } from "../../core/environment-error.ts";
import { acceptUnless, type Checked, problemAt } from "../../core/problem.ts";
import type { RegistryReader } from "../../core/registry.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { listSaved } from "../../explain/saved-versions.ts";
import { indexTaints, type TaintIndex } from "../../explain/taint.ts";
import type { Wound } from "../../explain/wounds.ts";
import type { Plan, PlannedReplay, PlannedRun } from "../../plan/plan.ts";
import { chooseHealing, type HealingChoice, type HealingQuestion, heedObstacle } from "../../resolve/choose-healing.ts";
import { findVersion } from "../../resolve/find-version.ts";
import type { KeptPlan } from "../keep-plan.ts";
import type { ProbeProject } from "../probe-runs.ts";
import { checkVersions } from "../replay/check-versions.ts";
import { describeTouched } from "../replay/describe-touched.ts";
import type { PreparedReplay } from "../replay/prepare-replay.ts";
import { folderOf, probeAgain } from "../replay/probe-again.ts";
import { renewPlan } from "../watch-sources.ts";
import { checkStartable } from "./check-startable.ts";
import { giveReplacements } from "./give-replacements.ts";
import { recallReads } from "./recall-reads.ts";
import { takeFilesAnew, tellChangedFiles } from "./take-files-anew.ts";

export interface HealingOptions {
  registry: RegistryReader;
  source: { path: string };
  probe: ProbeProject;
  session: SessionRecord;
  kept: KeptPlan;
  /** What is to be healed, of this session and of others. */
  wounds: ReadonlyMap<RunId, Wound>;
  /** Whether another session is to heal this attempt first: a proposal goes by what will be. */
  isPending(runId: RunId): boolean;
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * KeptPlan -> Plan: the smallest replay that heals a session. Problems, each of which leaves the session as it is:
 * `run-gone`, `not-healed`, those of `checkVersions`, of planning, and of a project that can't be asked.
 */
export async function prepareHealing(options: HealingOptions): Promise<Checked<PreparedReplay>> {
  const { kept, probe, environment, source } = options;
  const known = lookUp(options);
  const { runs, choices } = chooseRuns(kept.plan.runs, known);
  const touched = listWith(choices, ["run", "compare"]);
  const gone = checkStartable(runs.filter(isIn(touched)), environment);
  if (gone.length > 0) return { ok: false, problems: gone };
  const given = await giveTouched(runs, { ...known, touched, choices });
  if (!given.ok) return given;
  const anew = new Set([...touched].filter((run) => known.woundOf(run)?.isTainted === true));
  const renewed = await takeFilesAnew(given.value.runs, anew);
  if (!renewed.ok) return renewed;
  const probed = await probeSafely({ ...kept.plan, runs: renewed.value }, { probe, touched });
  if (!probed.ok) return probed;
  const about = { touched, facts: probed.value.facts, environment, source, folder: folderOf(kept.plan) };
  const described = await describeTouched(probed.value.runs, { ...about, fresh: [...anew], anew });
  const healed = described.runs.map((run) => {
    const choice = choiceOf(choices, run.run);
    return addReplay(run, { ...known, choice: heedObstacle(choice, described.obstacles.get(run.run) ?? null) });
  });
  const checked = dropPending(healed, given.value.pending);
  const changed = await checkVersions(checked, { touched, records: known.linked(choices), hint: HINT });
  const plan: Plan = { ...renewPlan(kept.plan, healed), publish: [] };
  const files = tellChangedFiles(described.runs, { before: runs, anew });
  const warnings = [...renewed.warnings, ...files, ...probed.warnings];
  return acceptUnless([...changed, ...warnings], { plan, origin: describeOrigin(options) });
}

const HINT =
  "put it back; or, if that was wrong too, taint what was saved of it: what is tainted is made of what is there now, unless --with gives another one";

interface Known extends HealingQuestion {
  options: HealingOptions;
  records: ReadonlyMap<string, RunRecord>;
  taints: TaintIndex;
  /** What stands for runs that are linked. */
  linked(choices: ReadonlyMap<string, HealingChoice>): ReadonlyMap<string, RunRecord>;
}

function lookUp(options: HealingOptions): Known {
  const { registry, session, wounds, kept } = options;
  const records = new Map(session.runs.map((record) => [record.run, record]));
  const taints = indexTaints(registry);
  const attemptOf = (run: string) => records.get(run)?.run_id ?? null;
  return {
    ...{ options, records, taints, attemptOf },
    isPending: (run) => {
      const runId = attemptOf(run);
      if (runId === null) return false;
      const bad = registry.versionsOf(runId).map(({ dataset }) => taints.ofVersion({ dataset, run_id: runId }));
      return [runId, ...bad.flatMap((version) => version?.superseded_by ?? [])].some(options.isPending);
    },
    statusOf: (run) => records.get(run)?.status ?? "pending",
    woundOf: (run) => {
      const runId = attemptOf(run);
      const wound = runId === null ? undefined : wounds.get(runId);
      if (wound === undefined) return null;
      return { isTainted: wound.tainted.length > 0, read: [...new Set(wound.read.map(({ dataset }) => dataset))] };
    },
    healedBy: (run) => findStandIn(run, { registry, taints, runId: attemptOf(run), runs: kept.plan.runs }),
    linked: (choices) => {
      const stand = [...choices].flatMap(([run, { action, run_id }]) => {
        const record = action === "link" && run_id !== null ? registry.findRun(run_id) : null;
        return record === null ? [] : [[run, record] as const];
      });
      return new Map(stand);
    },
  };
}

/** The one attempt that replaces all that is bad of what a run came to, and saved all that others consume of the run. */
function findStandIn(
  run: string,
  {
    registry,
    taints,
    runId,
    runs,
  }: { registry: RegistryReader; taints: TaintIndex; runId: RunId | null; runs: readonly PlannedRun[] },
): RunId | null {
  if (runId === null) return null;
  const bad = registry.versionsOf(runId).flatMap(({ dataset }) => taints.ofVersion({ dataset, run_id: runId }) ?? []);
  const [by, ...others] = new Set(bad.map(({ replaced_by }) => replaced_by));
  if (by === undefined || by === null || others.length > 0) return null;
  const saved = listSaved(registry, by);
  const wanted = runs.flatMap(({ consumes }) => Object.values(consumes).filter((input) => input.run === run));
  return wanted.every(({ dataset }) => findVersion(saved, dataset) !== null) ? by : null;
}

/** What is left out is no part of the plan, and nobody waits for it. */
function chooseRuns(
  runs: readonly PlannedRun[],
  known: Known,
): { runs: PlannedRun[]; choices: ReadonlyMap<string, HealingChoice> } {
  const choices = chooseHealing(runs, known);
  const left = listWith(choices, ["leave"]);
  const kept = runs.filter(({ run }) => !left.has(run));
  const without = kept.map((run, index) => ({ ...run, index, needs: run.needs.filter((need) => !left.has(need)) }));
  return { runs: without, choices };
}

function listWith(
  choices: ReadonlyMap<string, HealingChoice>,
  actions: readonly HealingChoice["action"][],
): ReadonlySet<string> {
  return new Set([...choices].flatMap(([run, { action }]) => (actions.includes(action) ? [run] : [])));
}

function isIn(names: ReadonlySet<string>): (run: PlannedRun) => boolean {
  return ({ run }) => names.has(run);
}

async function giveTouched(
  runs: readonly PlannedRun[],
  {
    options,
    taints,
    touched,
    choices,
  }: Known & { touched: ReadonlySet<string>; choices: ReadonlyMap<string, HealingChoice> },
) {
  const { registry, isPending } = options;
  const badAttemptOf = (run: string) => {
    const choice = choices.get(run);
    return choice?.action === "link" ? choice.run_id : null;
  };
  const given = await giveReplacements(runs.filter(isIn(touched)), { registry, taints, badAttemptOf, isPending });
  if (!given.ok) return given;
  const byName = new Map(given.value.runs.map((run) => [run.run, run]));
  const value = { ...given.value, runs: runs.map((run) => byName.get(run.run) ?? run) };
  return { ...given, value };
}

/** A machine that lacks what a project needs keeps this session from being healed, and no other. */
async function probeSafely(...[plan, options]: Parameters<typeof probeAgain>): ReturnType<typeof probeAgain> {
  try {
    return await probeAgain(plan, options);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { ok: false, problems: [problemAt(null, error.code, error.message, error.hint)] };
  }
}

function choiceOf(choices: ReadonlyMap<string, HealingChoice>, run: string): HealingChoice {
  const choice = choices.get(run);
  if (choice === undefined) throw new Error(`nobody chose what becomes of ${run}`);
  return choice;
}

function addReplay(run: PlannedRun, { options, attemptOf, choice }: Known & { choice: HealingChoice }): PlannedRun {
  const { action, run_id, reason } = choice;
  const { registry } = options;
  if (action === "leave") throw new Error(`${run.run} is no part of the healing`);
  const replay: PlannedReplay = { action, run_id, inputs: {}, needs: {}, reason };
  const attempt = attemptOf(run.run);
  if (action === "link" || attempt === null) return { ...run, replay };
  if (action === "compare") return { ...run, replay: { ...replay, inputs: recallReads(run, { registry, attempt }) } };
  const tainted = new Set(options.wounds.get(attempt)?.tainted ?? []);
  const unlike = registry
    .versionsOf(attempt)
    .flatMap(({ dataset, hash }) => (tainted.has(dataset) && hash !== null ? [[dataset, hash] as const] : []));
  return unlike.length === 0
    ? { ...run, replay }
    : { ...run, replay: { ...replay, unlike: Object.fromEntries(unlike) } };
}

/** What another session is still to make anew need not be what it was. */
function dropPending(runs: readonly PlannedRun[], pending: ReadonlyMap<string, ReadonlySet<string>>): PlannedRun[] {
  return runs.map((run) => {
    const names = pending.get(run.run);
    const left = Object.entries(run.injects).filter(([dataset]) => names?.has(dataset) !== true);
    return names === undefined ? run : { ...run, injects: Object.fromEntries(left) };
  });
}

function describeOrigin({ session, wounds }: HealingOptions): PreparedReplay["origin"] {
  const taints = new Set([...wounds.values()].map(({ taint }) => `heal ${taint.dataset}@${taint.run_id}`));
  return { session_id: session.session_id, changes: [...taints], heals: true };
}
