import type { ExpandedRun } from "../plan.ts";

/**
 * The runs, those with `run_on: failure` or `always` that name no needs now needing all others, but for those that wait for
 * one of them: whoever cleans up or tells how it went does so at the end.
 */
export function waitForOthers(runs: readonly ExpandedRun[]): ExpandedRun[] {
  const last = new Set(runs.filter(({ needs, policy }) => policy.runOn !== "success" && needs.length === 0));
  if (last.size === 0) return [...runs];
  const later = listLater(runs, last);
  const others = runs.flatMap((run) => (later.has(run.run) ? [] : [run.run]));
  return runs.map((run) => (last.has(run) ? { ...run, needs: others } : run));
}

/** These runs, and all that wait for them. */
function listLater(runs: readonly ExpandedRun[], last: ReadonlySet<ExpandedRun>): Set<string> {
  const dependants = new Map<string, string[]>();
  for (const { run, needs } of runs) {
    for (const need of needs) {
      const known = dependants.get(need);
      if (known === undefined) dependants.set(need, [run]);
      else known.push(run);
    }
  }
  const later = new Set(Array.from(last, ({ run }) => run));
  for (const run of later) for (const dependant of dependants.get(run) ?? []) later.add(dependant);
  return later;
}
