import { loadWorkflow } from "../../src/define/load.ts";
import { expandRuns } from "../../src/plan/expand/expand.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planRuns } from "../../src/plan/plan-workflow.ts";

/** The plan of a workflow file of commands, which ask no project. Throws what is wrong with it. */
export async function planCommands(file: string): Promise<Plan> {
  const definition = await loadWorkflow(file);
  if (!definition.ok) throw new Error(JSON.stringify(definition.problems));
  const expanded = expandRuns(definition.value, {});
  if (!expanded.ok) throw new Error(JSON.stringify(expanded.problems));
  const plan = planRuns(definition.value, expanded.value, new Map());
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems));
  return plan.value;
}
