import type { HealingCost } from "../core/answer/healing.ts";

/** A run that may be executed. */
export interface CostedRun {
  run: string;
  needs: readonly string[];
  /** Duration of the last execution, in milliseconds; null if it is unknown. */
  duration_ms: number | null;
}

/**
 * Estimates the cost of executing these runs, which are in plan order; other runs that they need have their results.
 */
export function estimateHealing(runs: readonly CostedRun[]): HealingCost {
  const ends = new Map<string, number>();
  let sum_ms = 0;
  for (const { run, needs, duration_ms } of runs) {
    const startMs = needs.reduce((latest, need) => Math.max(latest, ends.get(need) ?? 0), 0);
    ends.set(run, startMs + (duration_ms ?? 0));
    sum_ms += duration_ms ?? 0;
  }
  const critical_path_ms = [...ends.values()].reduce((latest, end) => Math.max(latest, end), 0);
  return { runs: runs.length, sum_ms, critical_path_ms };
}

/** Adds the costs of sessions that are healed one after the other. */
export function addCosts(costs: readonly HealingCost[]): HealingCost {
  return costs.reduce(
    (all, cost) => ({
      runs: all.runs + cost.runs,
      sum_ms: all.sum_ms + cost.sum_ms,
      critical_path_ms: all.critical_path_ms + cost.critical_path_ms,
    }),
    { runs: 0, sum_ms: 0, critical_path_ms: 0 },
  );
}
