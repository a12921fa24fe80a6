import { dirname } from "node:path";
import { accept, acceptUnless, type Checked, type Problem } from "../../core/error/problem.ts";
import type { ProjectFacts } from "../../core/project-facts.ts";
import type { Resources } from "../../core/resources.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { checkResources } from "../../plan/check/check-resources.ts";
import type { ExpandedRun, GivenReads, Plan, PlannedRun } from "../../plan/plan.ts";
import { planRuns } from "../../plan/plan-workflow.ts";
import { openKeyedDigest } from "../../runners/keyed-digest.ts";
import { freezeInputs } from "../freeze/freeze-inputs.ts";
import { freezePlainFiles } from "../freeze/freeze-plain-files.ts";
import { type HoldVersion, holdVersions, noteHeld } from "../freeze/hold-versions.ts";
import { answersFolder, inFolder } from "../locate-state.ts";
import type { RegistrySource } from "../registry-source.ts";
import { type ContentCache, contentCachePath, openContentCache } from "../reuse/content-cache.ts";
import { type CacheChoice, cacheModeOf, describeWork } from "../reuse/describe-work.ts";
import { checkCaptures, checkPublished } from "./check-captures.ts";
import { checkModules } from "./check-modules.ts";
import { chooseRuns, type RunChoice } from "./choose-runs.ts";
import { measureCapacity } from "./measure-capacity.ts";
import { type ProbedRuns, type ProbeProject, probeRuns } from "./probe-runs.ts";
import { refuseFrozen } from "./refuse-tainted.ts";
import { captureSources } from "./watch-sources.ts";

export interface PrepareOptions {
  environment: Readonly<Record<string, string | undefined>>;
  probe: ProbeProject;
  registry: RegistrySource;
  /** Choice of the command line on reuse. */
  cache?: CacheChoice | undefined;
  /** The choice of a command line among the runs. */
  choice?: RunChoice | undefined;
}

/** A plan, and what it was made of. */
export interface PreparedPlan {
  plan: Plan;
  /** Answers of the projects. */
  facts: ProjectFacts;
  /** Inputs from outside the session. */
  frozen: GivenReads;
  /** Files that were looked at. */
  content: ContentCache;
}

/** Runs of the session that were prepared before: what is known of them is not asked again. */
export interface PreparedBefore {
  runs: ReadonlySet<string>;
  facts: ProjectFacts;
  frozen: GivenReads;
}

export interface PrepareWholeOptions extends PrepareOptions {
  /** Asks what all results depend on, and not only those that may be reused. */
  asksAll?: boolean;
  /** The version that a run is to read of a dataset from outside the session, if it can still be had. */
  hold?: HoldVersion | undefined;
  /** The plan holds the other runs alone. */
  before?: PreparedBefore;
}

const NOTHING_BEFORE: PreparedBefore = { runs: new Set(), facts: new Map(), frozen: new Map() };

/**
 * WorkflowDefinition -> Plan: expands matrices, chooses among the runs, asks the projects about each run's reads and
 * writes, looks at inputs from outside the session, and checks the one against the other. Throws EnvironmentError if a
 * project can't be asked and there is no other problem.
 */
export async function preparePlan(definition: WorkflowDefinition, options: PrepareOptions): Promise<Checked<Plan>> {
  const prepared = await prepareWhole(definition, options);
  return prepared.ok ? { ...prepared, value: prepared.value.plan } : prepared;
}

/**
 * Prepares a plan in the same way, with the parts it was made of, with versions held, and after other runs of the
 * session.
 */
export async function prepareWhole(
  whole: WorkflowDefinition,
  options: PrepareWholeOptions,
): Promise<Checked<PreparedPlan>> {
  const chosen = await chooseRuns(whole, { ...options.choice, environment: options.environment });
  if (!chosen.ok) return chosen;
  const { definition, runs } = chosen.value;
  const { before = NOTHING_BEFORE } = options;
  const asked = await askProjects({ definition, runs, own: runs.filter(({ run }) => !before.runs.has(run)) }, options);
  const planned = planAsked(asked, options);
  if (!planned.ok) return planned;
  const { plan, content } = await describePlan(planned.value, asked, options);
  const { facts, frozen } = asked;
  return accept({ plan, facts, frozen, content }, [...chosen.warnings, ...planned.warnings]);
}

/** Stage 1: the runs of a workflow, arm by arm. */
interface Expanded {
  definition: WorkflowDefinition;
  runs: readonly ExpandedRun[];
  /** Runs that are to be planned. */
  own: readonly ExpandedRun[];
}

/** Stage 2: with what the projects and the world outside the session say of them. */
interface Asked extends Expanded {
  facts: ProjectFacts;
  frozen: GivenReads;
  held: ReturnType<typeof holdVersions>["held"];
  capacity: Resources;
  sources: Record<string, string>;
  problems: Problem[];
  fault: ProbedRuns["fault"];
}

async function askProjects(expanded: Expanded, options: PrepareWholeOptions): Promise<Asked> {
  const { definition, own } = expanded;
  const { probe, registry, hold, cache = {}, asksAll = false, before = NOTHING_BEFORE } = options;
  // The sources are captured before the projects are asked, so that a later change is noticed.
  const sources = captureSources(own);
  const [probed, { frozen, problems }] = await Promise.all([
    probeRuns(own, { probe, definition, needsWork: (run) => asksAll || cacheModeOf(run, cache) !== "off" }),
    freezeInputs(own, { definition, registry, hold }),
  ]);
  const { facts, held } = holdVersions(probed.facts, hold);
  return {
    ...expanded,
    facts: new Map([...before.facts, ...facts]),
    frozen: new Map([...before.frozen, ...frozen]),
    held,
    capacity: measureCapacity(definition.resources),
    sources,
    problems: [...problems, ...probed.problems],
    fault: probed.fault,
  };
}

/**
 * Stage 3: planned, and checked; all problems at once. Throws EnvironmentError if a project can't be asked and there is
 * no other problem.
 */
function planAsked(asked: Asked, { registry }: PrepareOptions): Checked<Plan> {
  const { definition, runs, own, facts, frozen, capacity, fault } = asked;
  const plan = planRuns(definition, runs, facts, frozen);
  const locate = (run: PlannedRun) => definition.locate(["runs", run.definition.name]);
  const state = inFolder(dirname(registry.path));
  const folders = { ...state, store: definition.store ?? state.store };
  const found = [
    ...(plan.ok ? refuseFrozen(plan.value.runs, registry, locate) : []),
    ...asked.problems,
    ...checkModules(definition, own),
    ...checkCaptures(definition, own, folders),
    ...(plan.ok ? checkPublished(definition, { targets: plan.value.publish, facts }, folders) : []),
    ...checkResources(definition, own, capacity),
    ...(plan.ok ? plan.warnings : plan.problems),
  ];
  if (fault !== null) {
    if (found.every(isWarning)) throw fault.error;
    found.push(fault.problem);
  }
  return plan.ok ? acceptUnless(found, plan.value) : { ok: false, problems: found };
}

/** Stage 4: its own runs alone, each with the plain files that it reads and, if it may be reused, all that its result depends on. */
async function describePlan(
  plan: Plan,
  { definition, own, facts, held, capacity, sources }: Asked,
  { environment, registry, cache = {} }: PrepareOptions,
): Promise<{ plan: Plan; content: ContentCache }> {
  const stateFolder = dirname(registry.path);
  const content = openContentCache(contentCachePath(stateFolder), Date.now);
  const planned = plan.runs.map((run) => noteHeld(run, held.get(run.run)));
  const names = new Set(own.map(({ run }) => run));
  const seen = await freezePlainFiles(planned, { facts, content, stateFolder });
  // The registry's folder keeps hashes, and the key of digests.
  const digest = openKeyedDigest(stateFolder);
  const answers = answersFolder(stateFolder);
  const described = { dir: definition.dir, environment, facts, choice: cache, content, digest, answers };
  const runs = await describeWork(
    seen.filter(({ run }) => names.has(run)),
    described,
  );
  return { plan: { ...plan, runs, capacity, sources }, content };
}

function isWarning({ severity }: Problem): boolean {
  return severity === "warning";
}
