import { locateState } from "../compose/locate-state.ts";
import type { RunChoice } from "../compose/prepare/choose-runs.ts";
import { openProbe } from "../compose/prepare/open-probe.ts";
import { type PrepareOptions, preparePlan } from "../compose/prepare/prepare-plan.ts";
import { lookForRegistry } from "../compose/registry-source.ts";
import type { Checked, Problem } from "../core/error/problem.ts";
import type { WorkflowDefinition } from "../define/definition.ts";
import type { Plan } from "../plan/plan.ts";
import { awaitPlan } from "./await-plan.ts";
import type { RegistryFlag } from "./open-registry.ts";
import { folderOf, readWorkflow, valueOrThrow } from "./read-workflow.ts";
import { watchSignals } from "./watch-signals.ts";

interface PlanningFlags extends RegistryFlag {
  /** True to ask projects again although their answers are known. */
  probe?: boolean | undefined;
}

/** Plans a file without running it, or throws a CliError with every problem. Starts workers only if a run has a project. */
export async function readPlan(
  file: string,
  { choice, ...flags }: PlanningFlags & { choice: RunChoice },
): Promise<{ plan: Plan; warnings: Problem[] }> {
  const { value, warnings } = await readPrepared(file, flags, (definition, options) =>
    preparePlan(definition, { ...options, choice }),
  );
  return { plan: value, warnings };
}

/** What `prepare` makes of a workflow file, its projects and the registry; else as `readPlan`. */
export async function readPrepared<T>(
  file: string,
  { registry, probe: asksAnew }: PlanningFlags,
  prepare: (definition: WorkflowDefinition, options: PrepareOptions) => Promise<Checked<T>>,
): Promise<{ value: T; warnings: Problem[] }> {
  const stops = watchSignals();
  const { definition, warnings } = await readWorkflow(file);
  const place = { registry, environment: process.env, from: folderOf(file) };
  const projects = openProbe(locateState(place), { asksAnew });
  const earlier = lookForRegistry(place);
  try {
    const prepared = prepare(definition, { environment: process.env, probe: projects.probe, registry: earlier });
    const checked = await awaitPlan(prepared, { definition, interrupt: stops.interrupt });
    const value = valueOrThrow(checked, file);
    return { value, warnings: [...warnings, ...(checked.ok ? checked.warnings : [])] };
  } finally {
    earlier.close();
    await projects.close();
    stops.close();
  }
}
