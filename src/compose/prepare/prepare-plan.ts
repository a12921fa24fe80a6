import { dirname } from "node:path";
import { acceptUnless, type Checked, type Problem } from "../../core/problem.ts";
import type { ProjectFacts } from "../../core/project-facts.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { checkResources } from "../../plan/check-resources.ts";
import type { Plan } from "../../plan/plan.ts";
import { planRuns } from "../../plan/plan-workflow.ts";
import { freezeInputs } from "../freeze/freeze-inputs.ts";
import { freezePlainFiles } from "../freeze/freeze-plain-files.ts";
import { inFolder } from "../locate-state.ts";
import { type HoldVersion, holdVersions, noteHeld } from "../lock/hold-versions.ts";
import type { RegistrySource } from "../registry-source.ts";
import { type ContentCache, contentCachePath, openContentCache } from "../reuse/content-cache.ts";
import { type CacheChoice, cacheModeOf, describeWork } from "../reuse/describe-work.ts";
import { openKeyedDigest } from "../reuse/registry-key.ts";
import { checkCaptures, checkPublished } from "./check-captures.ts";
import { checkModules } from "./check-modules.ts";
import { chooseRuns, type RunChoice } from "./choose-runs.ts";
import { measureCapacity } from "./measure-capacity.ts";
import { type ProbeProject, probeRuns } from "./probe-runs.ts";
import { refuseFrozen } from "./refuse-tainted.ts";
import { captureSources } from "./watch-sources.ts";

export interface PrepareOptions {
  environment: Readonly<Record<string, string | undefined>>;
  probe: ProbeProject;
  registry: RegistrySource;
  /** What the command line says of reuse. */
  cache?: CacheChoice | undefined;
  /** The choice of a command line among the runs. */
  choice?: RunChoice | undefined;
}

/** A plan, what the projects said, and the files that were looked at. */
export interface PreparedPlan {
  plan: Plan;
  facts: ProjectFacts;
  content: ContentCache;
}

interface PrepareWholeOptions extends PrepareOptions {
  /** Asks what all results depend on, and not only those that may be reused. */
  asksAll?: boolean;
  /** The version that a run is to read of a dataset from outside the session, if it can still be had. */
  hold?: HoldVersion | undefined;
}

/**
 * WorkflowDefinition -> Plan: expands matrices, chooses among the runs, asks the projects what each run would read and
 * write, looks at what comes from outside the session, checks the one against the other. Throws EnvironmentError if a
 * project can't be asked and nothing else is wrong.
 */
export async function preparePlan(definition: WorkflowDefinition, options: PrepareOptions): Promise<Checked<Plan>> {
  const prepared = await prepareWhole(definition, options);
  return prepared.ok ? { ...prepared, value: prepared.value.plan } : prepared;
}

/** Likewise, with what the projects said, and with versions held. */
export async function prepareWhole(
  whole: WorkflowDefinition,
  { environment, probe, registry, cache = {}, choice, asksAll = false, hold }: PrepareWholeOptions,
): Promise<Checked<PreparedPlan>> {
  const chosen = await chooseRuns(whole, { ...choice, environment });
  if (!chosen.ok) return chosen;
  const { definition, runs: expanded } = chosen.value;
  const capacity = measureCapacity(definition.resources);
  // Before the projects are asked: what changes meanwhile has changed after it was looked at.
  const sources = captureSources(expanded);
  const [probed, { frozen, problems: missing }] = await Promise.all([
    probeRuns(expanded, { probe, definition, needsWork: (run) => asksAll || cacheModeOf(run, cache) !== "off" }),
    freezeInputs(expanded, { definition, registry, hold }),
  ]);
  const { facts, held } = holdVersions(probed.facts, hold);
  const plan = planRuns(definition, expanded, facts, frozen);
  const modules = checkModules(definition, expanded);
  const stateFolder = dirname(registry.path);
  const state = inFolder(stateFolder);
  const folders = { ...state, store: definition.store ?? state.store };
  const captures = checkCaptures(definition, expanded, folders);
  if (plan.ok) captures.push(...checkPublished(definition, { targets: plan.value.publish, facts }, folders));
  const found = [
    ...missing,
    ...modules,
    ...captures,
    ...probed.problems,
    ...checkResources(definition, expanded, capacity),
  ];
  if (!plan.ok) found.push(...plan.problems);
  if (probed.fault !== null) {
    if (found.every(isWarning)) throw probed.fault.error;
    found.push(probed.fault.problem);
  }
  if (!plan.ok) return { ok: false, problems: found };
  const planned = plan.value.runs.map((run) => noteHeld(run, held.get(run.run)));
  const content = openContentCache(contentCachePath(stateFolder), Date.now);
  const seen = await freezePlainFiles(planned, { facts, content, stateFolder });
  // The registry's folder keeps hashes, and the key of digests.
  const digest = openKeyedDigest(stateFolder);
  const runs = await describeWork(seen, { dir: definition.dir, environment, facts, choice: cache, content, digest });
  const tainted = refuseFrozen(runs, registry, (run) => definition.locate(["runs", run.definition.name]));
  const warnings = [...tainted, ...found, ...chosen.warnings, ...plan.warnings];
  return acceptUnless(warnings, { plan: { ...plan.value, runs, capacity, sources }, facts, content });
}

function isWarning({ severity }: Problem): boolean {
  return severity === "warning";
}
