import { acceptUnless, type Checked, type Problem, problemAt } from "../../core/error/problem.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { ReplayOrigin, RunRecord, SessionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { describeBadRun, indexTaints, TAINT_HINT, type TaintIndex } from "../../explain/taint.ts";
import { groupByName, refuseUnknown } from "../../plan/expand/find-target.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";
import { chooseReplay, type ReplayChoice } from "../../resolve/choose-replay.ts";
import type { KeptPlan } from "../kept-plan/keep-plan.ts";
import { applySettings, type ChangedRuns } from "../prepare/apply-settings.ts";
import type { ProbeProject } from "../prepare/probe-runs.ts";
import { refuseGiven } from "../prepare/refuse-tainted.ts";
import { renewPlan } from "../prepare/watch-sources.ts";
import type { RegistrySource } from "../registry-source.ts";
import { applyPins } from "./apply-pins.ts";
import { checkVersions } from "./check-versions.ts";
import { describeTouched } from "./describe-touched.ts";
import { linkRuns } from "./link-runs.ts";
import { folderOf, probeAgain } from "./probe-again.ts";

/** Changes that the replay makes to the session. */
export interface ReplayChanges {
  /** Texts of `--set`. */
  settings: readonly string[];
  /** Texts of `--pin`. */
  pins: readonly string[];
  /** Runs, or names of matrices, that are executed though they are unchanged. */
  fresh: readonly string[];
}

export interface ReplayOptions {
  registry: RegistryReader;
  source: RegistrySource;
  probe: ProbeProject;
  session: SessionRecord;
  kept: KeptPlan;
  changes: ReplayChanges;
  environment: Readonly<Record<string, string | undefined>>;
  /** True if the replay publishes as the workflow says. */
  publishes: boolean;
}

/** A replay that is ready to be executed. */
export interface PreparedReplay {
  plan: Plan;
  origin: ReplayOrigin;
}

/**
 * KeptPlan -> Plan: changes the plan that a session was started with, and links each run that the changes do not touch to its
 * result of then. Throws EnvironmentError if a project can't be asked. Problems: those of
 * `applySettings`, `applyPins`, `checkVersions` and of planning; `unknown-run`, `nothing-to-replay`.
 */
export async function prepareReplay(options: ReplayOptions): Promise<Checked<PreparedReplay>> {
  const { session, kept, changes } = options;
  const records = new Map(session.runs.map((record) => [record.run, record]));
  const changed = await changeRuns(options, records);
  if (!changed.ok) return changed;
  const { runs, changed: reasons } = changed.value;
  const statusOf = (run: string) => records.get(run)?.status ?? "pending";
  const question = { changed: reasons, statusOf };
  const touched = listTouched(chooseReplay(runs, { ...question, obstacleOf: () => null }));
  if (touched.size === 0) return { ok: false, problems: [...changed.warnings, refuseNothing(session)] };
  const probed = await probeAgain({ ...kept.plan, runs }, { probe: options.probe, touched });
  if (!probed.ok) return probed;
  const about = { touched, facts: probed.value.facts, fresh: changes.fresh, folder: folderOf(kept.plan) };
  const described = await describeTouched(probed.value.runs, { ...options, ...about });
  const taints = indexTaints(options.registry);
  const describeBad = (run: string) => describeRunTaint(records.get(run)?.run_id ?? null, taints);
  const obstacleOf = (run: string) => described.obstacles.get(run) ?? describeBad(run);
  const choices = chooseReplay(described.runs, { ...question, obstacleOf });
  const linked = linkRuns(described.runs, { registry: options.registry, choices, records });
  const problems = [
    ...(await checkVersions(linked, { touched, records })).map(({ problem }) => problem),
    ...refuseGiven(
      linked.filter(({ run }) => touched.has(run)),
      options.registry,
      taints,
    ),
    ...refuseLinks(linked, describeBad),
  ];
  const plan: Plan = { ...renewPlan(kept.plan, linked), publish: options.publishes ? kept.plan.publish : [] };
  const origin = { session_id: session.session_id, changes: describeChanges(changes) };
  return acceptUnless([...problems, ...changed.warnings, ...probed.warnings], { plan, origin });
}

/** Every change, each on top of those before it. */
async function changeRuns(
  { kept, changes, source }: ReplayOptions,
  records: ReadonlyMap<string, RunRecord>,
): Promise<Checked<ChangedRuns<PlannedRun>>> {
  const set = applySettings(kept.plan.runs, { settings: changes.settings, whole: "the session", locate: () => null });
  const versionThen = (run: string, dataset: string) => records.get(run)?.load_versions[dataset];
  const before = set.ok ? set.value.runs : kept.plan.runs;
  const pinned = await applyPins(before, changes.pins, { registry: source, versionThen });
  const fresh = chooseFresh(kept.plan.runs, changes.fresh);
  const problems = [set, pinned, fresh].flatMap((part) => (part.ok ? [] : part.problems));
  if (!set.ok || !pinned.ok || !fresh.ok) return { ok: false, problems };
  const changed = new Map([...fresh.value, ...pinned.value.changed, ...set.value.changed]);
  return acceptUnless([...set.warnings, ...pinned.warnings], { runs: pinned.value.runs, changed });
}

function chooseFresh(runs: readonly PlannedRun[], fresh: readonly string[]): Checked<Map<string, string>> {
  const named = groupByName(runs);
  const wanted = fresh.flatMap((name) => named.get(name) ?? []);
  return acceptUnless(
    refuseUnknown(runs, fresh, "the session"),
    new Map(wanted.map(({ run }) => [run, "it is to be executed again"])),
  );
}

function describeRunTaint(runId: RunId | null, taints: TaintIndex): string | null {
  const bad = runId === null ? null : taints.ofRun(runId);
  return bad === null ? null : describeBadRun(bad);
}

function refuseLinks(runs: readonly PlannedRun[], describeBad: (run: string) => string | null): Problem[] {
  return runs.flatMap(({ run, replay }) => {
    const what = replay?.action === "link" ? describeBad(run) : null;
    if (what === null) return [];
    const hint = `\`--fresh ${run}\` makes it again; ${TAINT_HINT}`;
    return [problemAt(null, "version-tainted", `the result of ${run} can't be reused: ${what}`, hint)];
  });
}

function listTouched(choices: ReadonlyMap<string, ReplayChoice>): Set<string> {
  return new Set([...choices].flatMap(([run, { action }]) => (action === "link" ? [] : [run])));
}

function refuseNothing({ session_id }: SessionRecord): Problem {
  const message = `there is nothing to run in session ${session_id}: all runs succeeded, and nothing changes`;
  return problemAt(null, "nothing-to-replay", message, "change something with --set or --pin, or name a run");
}

/** Returns the changes as options that can be given again. */
function describeChanges({ settings, pins, fresh }: ReplayChanges): string[] {
  return [
    ...settings.map((text) => `--set ${text}`),
    ...pins.map((text) => `--pin ${text}`),
    ...fresh.map((text) => `--fresh ${text}`),
  ];
}
