import { type UnhealedRun, UPSTREAM_NOT_HEALED } from "../../core/answer/healing.ts";
import type { Checked, Problem, RunsProblem } from "../../core/error/problem.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { listConsumed } from "../../core/select-reads.ts";
import type { RestoredRun } from "../../core/trash.ts";
import type { AffectedRun } from "../../explain/heal/affected-runs.ts";
import { listSaved } from "../../explain/saved-versions.ts";
import { indexTaints, type TaintIndex } from "../../explain/taint.ts";
import type { Plan, PlannedReplay, PlannedRun } from "../../plan/plan.ts";
import {
  applyObstacle,
  chooseHealing,
  type HealingChoice,
  type HealingQuestion,
} from "../../resolve/choose-healing.ts";
import { findVersion } from "../../resolve/find-version.ts";
import type { KeptPlan } from "../kept-plan/keep-plan.ts";
import type { ProbeProject } from "../prepare/probe-runs.ts";
import { renewPlan } from "../prepare/watch-sources.ts";
import { checkVersions } from "../replay/check-versions.ts";
import { describeTouched } from "../replay/describe-touched.ts";
import type { PreparedReplay } from "../replay/prepare-replay.ts";
import { folderOf } from "../replay/probe-again.ts";
import { askProjects } from "./ask-projects.ts";
import { checkStartable } from "./check-startable.ts";
import { giveReplacements } from "./give-replacements.ts";
import { recallReads } from "./recall-reads.ts";
import { describeChangedFiles, takeFilesAnew } from "./take-files-anew.ts";

export interface HealingOptions {
  registry: RegistryReader;
  source: { path: string };
  probe: ProbeProject;
  session: SessionRecord;
  kept: KeptPlan;
  /** Attempts to be healed, of this session and of others. */
  affectedRuns: ReadonlyMap<RunId, AffectedRun>;
  /** True if another session is to heal this attempt first: a proposal counts it as healed. */
  isPending(runId: RunId): boolean;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Preparation of a session's healing, as far as it can be healed. */
export interface PreparedHealing extends Restoring {
  /** Runs that can't be healed, in plan order. */
  unhealed: UnhealedRun[];
}

/** A replay that reads data which come back from the trash before it begins. */
interface Restoring extends PreparedReplay {
  restores: RestoredRun[];
}

/**
 * KeptPlan -> Plan: the smallest replay that heals the runs of a session that can be healed. Each run that can't be
 * executed again is named with its problems, and so is each that would read data which stay bad: `run-gone`,
 * `not-healed`, `upstream-not-healed`, those of `checkVersions`, of planning, and of a project that can't be asked. If
 * no run is left to execute, they are the problems of the session.
 */
export async function prepareHealing(options: HealingOptions): Promise<Checked<PreparedHealing>> {
  const stuck = new Map<string, Problem[]>();
  for (;;) {
    const tried = await prepareWithout(stuck, options);
    if (tried.ok) return describePrepared(tried, stuck, options);
    const before = stuck.size;
    for (const { runs, problem } of tried.problems)
      for (const run of runs) stuck.set(run, [...(stuck.get(run) ?? []), nameVersions(problem, run, options)]);
    if (stuck.size === before) return { ok: false, problems: tried.problems.map(({ problem }) => problem) };
  }
}

/** Names the bad versions of a run, where a hint says that another version can be given. */
function nameVersions(problem: Problem, run: string, { session, affectedRuns }: HealingOptions): Problem {
  const runId = session.runs.find((record) => record.run === run)?.run_id ?? null;
  const bad = (runId === null ? undefined : affectedRuns.get(runId))?.bad ?? [];
  if (bad.length === 0 || problem.hint?.includes(WITH) !== true) return problem;
  const named = bad.map((dataset) => `--with ${dataset}@${runId}=RUN_ID`).join(" ");
  return { ...problem, hint: problem.hint.replace(WITH, () => named) };
}

const WITH = "--with DATASET@RUN=RUN_ID";

type Tried = { ok: true; value: Restoring; warnings: Problem[] } | { ok: false; problems: RunsProblem[] };

function describePrepared(
  { value, warnings }: Extract<Tried, { ok: true }>,
  stuck: ReadonlyMap<string, Problem[]>,
  { kept }: HealingOptions,
): Checked<PreparedHealing> {
  const unhealed = kept.plan.runs.flatMap(({ run }) => {
    const problems = stuck.get(run);
    return problems === undefined ? [] : [{ run, problems }];
  });
  const isDue = value.plan.runs.some(({ replay }) => replay?.action !== "link");
  if (unhealed.length > 0 && !isDue) {
    const all = new Set(unhealed.flatMap(({ problems }) => problems));
    return { ok: false, problems: [...all].filter(({ code }) => code !== UPSTREAM_NOT_HEALED) };
  }
  return { ok: true, value: { ...value, unhealed }, warnings };
}

/** The smallest replay that leaves these runs as they are. Problems: those of runs that it would have to execute, and can't. */
async function prepareWithout(stuck: ReadonlyMap<string, unknown>, options: HealingOptions): Promise<Tried> {
  const { kept, probe, environment, source } = options;
  const known = { ...lookUp(options), isStuck: (run: string) => stuck.has(run) };
  const { runs, choices } = chooseRuns(kept.plan.runs, known);
  const touched = listWith(choices, ["run", "compare"]);
  const gone = checkStartable(runs.filter(isIn(touched)), environment);
  if (gone.length > 0) return { ok: false, problems: gone };
  const given = await giveTouched(runs, { ...known, touched, choices });
  if (given.problems.length > 0) return { ok: false, problems: given.problems };
  const anew = new Set([...touched].filter((run) => known.faultOfRun(run)?.isTainted === true));
  const renewed = await takeFilesAnew(given.runs, anew);
  if (renewed.problems.length > 0) return { ok: false, problems: renewed.problems };
  const probed = await askProjects({ ...kept.plan, runs: renewed.runs }, { probe, touched });
  if (!probed.ok) return probed;
  const about = { touched, facts: probed.value.facts, environment, source, folder: folderOf(kept.plan) };
  const described = await describeTouched(probed.value.runs, { ...about, fresh: [...anew], anew });
  const healed = described.runs.map((run) => {
    const choice = choiceOf(choices, run.run);
    return addReplay(run, { ...known, choice: applyObstacle(choice, described.obstacles.get(run.run) ?? null) });
  });
  const checked = dropPending(healed, given.pending);
  const changed = await checkVersions(checked, { touched, records: known.linked(choices), hint: HINT });
  const lost = changed.filter(({ restorable }) => restorable === undefined);
  const restores = new Map(changed.flatMap(({ restorable }) => (restorable ? [[restorable.entry, restorable]] : [])));
  const plan: Plan = { ...renewPlan(kept.plan, healed), publish: [] };
  const files = describeChangedFiles(described.runs, { before: runs, anew });
  if (lost.length > 0) return { ok: false, problems: lost };
  const warnings = [...renewed.warnings, ...files, ...probed.warnings];
  const value = { plan, origin: describeOrigin(options), restores: [...restores.values()] };
  return { ok: true, value, warnings };
}

const HINT =
  "put it back; or, if that was wrong too, taint what was saved of it: what is tainted is made from what is there now, unless --with names a replacement";

interface Known extends HealingQuestion {
  options: HealingOptions;
  records: ReadonlyMap<string, RunRecord>;
  taints: TaintIndex;
  /** Attempts that stand for linked runs. */
  linked(choices: ReadonlyMap<string, HealingChoice>): ReadonlyMap<string, RunRecord>;
}

function lookUp(options: HealingOptions): Omit<Known, "isStuck"> {
  const { registry, session, affectedRuns, kept } = options;
  const records = new Map(session.runs.map((record) => [record.run, record]));
  const taints = indexTaints(registry);
  const attemptOf = (run: string) => records.get(run)?.run_id ?? null;
  return {
    ...{ options, records, taints, attemptOf },
    isPending: (run) => {
      const runId = attemptOf(run);
      if (runId === null) return false;
      const bad = registry.versionsOf([runId]).map(({ dataset }) => taints.ofVersion({ dataset, run_id: runId }));
      return [runId, ...bad.flatMap((version) => version?.superseded_by ?? [])].some(options.isPending);
    },
    statusOf: (run) => records.get(run)?.status ?? "pending",
    faultOfRun: (run) => {
      const runId = attemptOf(run);
      const affectedRun = runId === null ? undefined : affectedRuns.get(runId);
      if (affectedRun === undefined) return null;
      return {
        isTainted: affectedRun.tainted.length > 0,
        read: [...new Set(affectedRun.read.map(({ dataset }) => dataset))],
      };
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
  const bad = registry.versionsOf([runId]).flatMap(({ dataset }) => taints.ofVersion({ dataset, run_id: runId }) ?? []);
  const [by, ...others] = new Set(bad.map(({ replaced_by }) => replaced_by));
  if (by === undefined || by === null || others.length > 0) return null;
  const saved = listSaved(registry, by);
  const wanted = runs.flatMap((reader) => listConsumed(reader).filter(([, read]) => read.run === run));
  return wanted.every(([, { dataset }]) => findVersion(saved, dataset) !== null) ? by : null;
}

/** Runs that are left out are no part of the plan, and no run waits for them. */
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
  const { registry, source, isPending } = options;
  const badAttemptOf = (run: string) => {
    const choice = choices.get(run);
    return choice?.action === "link" ? choice.run_id : null;
  };
  const given = await giveReplacements(runs.filter(isIn(touched)), {
    registry,
    source,
    taints,
    badAttemptOf,
    isPending,
  });
  const byName = new Map(given.runs.map((run) => [run.run, run]));
  return { ...given, runs: runs.map((run) => byName.get(run.run) ?? run) };
}

function choiceOf(choices: ReadonlyMap<string, HealingChoice>, run: string): HealingChoice {
  const choice = choices.get(run);
  if (choice === undefined) throw new Error(`there is no decision for ${run}`);
  return choice;
}

function addReplay(run: PlannedRun, { options, attemptOf, choice }: Known & { choice: HealingChoice }): PlannedRun {
  const { action, run_id, reason } = choice;
  const { registry } = options;
  if (action === "leave") throw new Error(`${run.run} is not part of the healing`);
  const replay: PlannedReplay = { action, run_id, inputs: {}, needs: {}, reason };
  const attempt = attemptOf(run.run);
  if (action === "link" || attempt === null) return { ...run, replay };
  if (action === "compare") return { ...run, replay: { ...replay, inputs: recallReads(run, { registry, attempt }) } };
  const tainted = new Set(options.affectedRuns.get(attempt)?.tainted ?? []);
  const unlike = registry
    .versionsOf([attempt])
    .flatMap(({ dataset, hash }) => (tainted.has(dataset) && hash !== null ? [[dataset, hash] as const] : []));
  return unlike.length === 0
    ? { ...run, replay }
    : { ...run, replay: { ...replay, unlike: Object.fromEntries(unlike) } };
}

/** Versions that another session is still to replace may have changed. */
function dropPending(runs: readonly PlannedRun[], pending: ReadonlyMap<string, ReadonlySet<string>>): PlannedRun[] {
  return runs.map((run) => {
    const names = pending.get(run.run);
    const left = Object.entries(run.reads).filter(([dataset, read]) => !("source" in read && names?.has(dataset)));
    return names === undefined ? run : { ...run, reads: Object.fromEntries(left) };
  });
}

function describeOrigin({ session, affectedRuns }: HealingOptions): PreparedReplay["origin"] {
  const taints = new Set([...affectedRuns.values()].map(({ taint }) => `heal ${taint.dataset}@${taint.run_id}`));
  return { session_id: session.session_id, changes: [...taints], heals: true };
}
