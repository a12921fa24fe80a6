import { acceptUnless, type Checked, type Problem } from "../core/problem.ts";
import type { WorkflowDefinition } from "../define/definition.ts";
import { checkResources } from "../plan/check-resources.ts";
import { expandRuns } from "../plan/expand.ts";
import type { Plan } from "../plan/plan.ts";
import { planRuns } from "../plan/plan-workflow.ts";
import { freezeInputs } from "./freeze-inputs.ts";
import { measureCapacity } from "./measure-capacity.ts";
import { type ProbeProject, probeRuns } from "./probe-runs.ts";
import type { RegistrySource } from "./registry-source.ts";

export interface PrepareOptions {
  environment: Readonly<Record<string, string | undefined>>;
  probe: ProbeProject;
  registry: RegistrySource;
}

/**
 * WorkflowDefinition -> Plan: expands matrices, asks the projects what each run would read and write, looks at what comes
 * from outside the session, checks the one against the other. Throws EnvironmentError if a project can't be asked and
 * nothing else is wrong.
 */
export async function preparePlan(
  definition: WorkflowDefinition,
  { environment, probe, registry }: PrepareOptions,
): Promise<Checked<Plan>> {
  const expanded = expandRuns(definition, environment);
  if (!expanded.ok) return expanded;
  const capacity = measureCapacity(definition.resources);
  const [probed, { frozen, problems: missing }] = await Promise.all([
    probeRuns(expanded.value, { probe, definition }),
    freezeInputs(expanded.value, { definition, registry }),
  ]);
  const plan = planRuns(definition, expanded.value, probed.facts, frozen);
  const found = [...missing, ...probed.problems, ...checkResources(definition, expanded.value, capacity)];
  if (!plan.ok) found.push(...plan.problems);
  if (probed.fault !== null) {
    if (found.every(isWarning)) throw probed.fault.error;
    found.push(probed.fault.problem);
  }
  if (!plan.ok) return { ok: false, problems: found };
  return acceptUnless([...found, ...expanded.warnings, ...plan.warnings], { ...plan.value, capacity });
}

function isWarning({ severity }: Problem): boolean {
  return severity === "warning";
}
