import type { ExpandedRun } from "../plan.ts";
import { groupByName } from "./find-target.ts";

/**
 * Selects these runs, arms or names of matrices, and all that they need, in the order of `runs`. Unknown names select
 * no run.
 */
export function keepNeeded<R extends Pick<ExpandedRun, "run" | "definition" | "needs">>(
  runs: readonly R[],
  names: readonly string[],
): R[] {
  const named = groupByName(runs);
  const kept = new Set(names.flatMap((name) => named.get(name) ?? []));
  // A set goes on to what is added to it meanwhile.
  for (const { needs } of kept) for (const run of needs.flatMap((need) => named.get(need) ?? [])) kept.add(run);
  return runs.filter((run) => kept.has(run));
}
