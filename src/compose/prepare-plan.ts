import { acceptUnless, type Checked } from "../core/problem.ts";
import type { WorkflowDefinition } from "../define/definition.ts";
import { expandRuns } from "../plan/expand.ts";
import type { Plan } from "../plan/plan.ts";
import { planRuns } from "../plan/plan-workflow.ts";
import { type ProbeProject, probeRuns } from "./probe-runs.ts";

/**
 * WorkflowDefinition -> Plan: expands matrices, asks the projects what each run would read and write, checks the one against
 * the other. Throws EnvironmentError if a project can't be asked.
 */
export async function preparePlan(
  definition: WorkflowDefinition,
  options: { environment: Readonly<Record<string, string | undefined>>; probe: ProbeProject },
): Promise<Checked<Plan>> {
  const expanded = expandRuns(definition, options.environment);
  if (!expanded.ok) return expanded;
  const facts = await probeRuns(expanded.value, { probe: options.probe, definition });
  if (!facts.ok) return facts;
  const plan = planRuns(definition, expanded.value, facts.value);
  return plan.ok ? acceptUnless([...expanded.warnings, ...plan.warnings], plan.value) : plan;
}
