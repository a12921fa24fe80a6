import { openProbe } from "../compose/open-probe.ts";
import { preparePlan } from "../compose/prepare-plan.ts";
import type { Problem } from "../core/problem.ts";
import type { Plan } from "../plan/plan.ts";
import { awaitPlan } from "./await-plan.ts";
import { readWorkflow, valueOrThrow } from "./read-workflow.ts";
import { watchSignals } from "./watch-signals.ts";

/** Plans a file without running it, or throws a CliError with every problem. Starts workers only if a run has a project. */
export async function readPlan(file: string): Promise<{ plan: Plan; warnings: Problem[] }> {
  const stops = watchSignals();
  const { definition, warnings } = await readWorkflow(file);
  const projects = openProbe();
  try {
    const prepared = preparePlan(definition, { environment: process.env, probe: projects.probe });
    const checked = await awaitPlan(prepared, { definition, interrupt: stops.interrupt });
    const plan = valueOrThrow(checked, file);
    return { plan, warnings: [...warnings, ...(checked.ok ? checked.warnings : [])] };
  } finally {
    await projects.close();
    stops.close();
  }
}
