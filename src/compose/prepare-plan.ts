import { acceptUnless, type Checked } from "../core/problem.ts";
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
 * from outside the session, checks the one against the other. Throws EnvironmentError if a project can't be asked.
 */
export async function preparePlan(
  definition: WorkflowDefinition,
  { environment, probe, registry }: PrepareOptions,
): Promise<Checked<Plan>> {
  const expanded = expandRuns(definition, environment);
  if (!expanded.ok) return expanded;
  const capacity = measureCapacity(definition.resources);
  const [facts, { frozen, problems }] = await Promise.all([
    probeRuns(expanded.value, { probe, definition }),
    freezeInputs(expanded.value, { definition, registry }),
  ]);
  if (!facts.ok) return { ok: false, problems: [...problems, ...facts.problems] };
  const plan = planRuns(definition, expanded.value, facts.value, frozen);
  if (!plan.ok) return { ok: false, problems: [...problems, ...plan.problems] };
  const found = [...problems, ...checkResources(definition, expanded.value, capacity), ...expanded.warnings];
  return acceptUnless([...found, ...plan.warnings], { ...plan.value, capacity });
}
