import { listConsumed } from "../../core/select-reads.ts";
import type { PlannedRun } from "../plan.ts";

/** An arrow between two runs of a drawing, by position in the plan. */
export interface PlanEdge {
  from: number;
  to: number;
  /** Datasets that `to` consumes from `from`, under its own names; empty where it only waits. */
  datasets: string[];
}

/** One arrow for each run that another waits for, in the order of the plan. */
export function listPlanEdges(runs: readonly PlannedRun[]): PlanEdge[] {
  const positions = new Map(runs.map(({ run }, position) => [run, position]));
  return runs.flatMap((run, to) => {
    const consumed = Map.groupBy(listConsumed(run), ([, input]) => input.run);
    return run.needs.flatMap((need) => {
      const from = positions.get(need);
      const datasets = (consumed.get(need) ?? []).map(([dataset]) => dataset);
      return from === undefined ? [] : [{ from, to, datasets }];
    });
  });
}
