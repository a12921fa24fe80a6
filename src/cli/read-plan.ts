import { locateState } from "../compose/locate-state.ts";
import { openProbe } from "../compose/open-probe.ts";
import { preparePlan } from "../compose/prepare-plan.ts";
import { lookForRegistry } from "../compose/registry-source.ts";
import type { Problem } from "../core/problem.ts";
import type { Plan } from "../plan/plan.ts";
import { awaitPlan } from "./await-plan.ts";
import type { RegistryFlag } from "./open-registry.ts";
import { folderOf, readWorkflow, valueOrThrow } from "./read-workflow.ts";
import { watchSignals } from "./watch-signals.ts";

/** Plans a file without running it, or throws a CliError with every problem. Starts workers only if a run has a project. */
export async function readPlan(file: string, { registry }: RegistryFlag): Promise<{ plan: Plan; warnings: Problem[] }> {
  const stops = watchSignals();
  const { definition, warnings } = await readWorkflow(file);
  const place = { registry, environment: process.env, from: folderOf(file) };
  const projects = openProbe(locateState(place));
  const earlier = lookForRegistry(place);
  try {
    const prepared = preparePlan(definition, { environment: process.env, probe: projects.probe, registry: earlier });
    const checked = await awaitPlan(prepared, { definition, interrupt: stops.interrupt });
    const plan = valueOrThrow(checked, file);
    return { plan, warnings: [...warnings, ...(checked.ok ? checked.warnings : [])] };
  } finally {
    earlier.close();
    await projects.close();
    stops.close();
  }
}
