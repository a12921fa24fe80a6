import type { RunKind } from "../core/run.ts";
import type { Plan, PlannedRun } from "./plan.ts";

/** What `plan --json` prints. */
export interface PlanJson {
  /** In an order that can be executed. */
  runs: PlannedRunJson[];
}

export interface PlannedRunJson {
  run: string;
  kind: RunKind;
  needs: string[];
  consumes: Record<string, { run: string; dataset: string }>;
  /** Null for what an upstream run is still to save. */
  load_versions: Record<string, string | null>;
}

export function toPlanJson(plan: Plan): PlanJson {
  return { runs: plan.runs.map(describeRun) };
}

function describeRun(run: PlannedRun): PlannedRunJson {
  const inputs = Object.entries(run.consumes);
  return {
    run: run.run,
    kind: run.task.kind,
    needs: [...run.needs],
    consumes: Object.fromEntries(
      inputs.map(([dataset, input]) => [dataset, { run: input.run, dataset: input.dataset }]),
    ),
    load_versions: Object.fromEntries([...inputs.map(([dataset]) => [dataset, null]), ...Object.entries(run.frozen)]),
  };
}
