import type { ExpandedRun } from "../plan.ts";

/**
 * Makes runs with `run_on: failure` or `always` that name no needs wait for all others but those that wait for one of
 * them: cleaning up and reporting come at the end.
 */
export function waitForOthers(runs: readonly ExpandedRun[]): ExpandedRun[] {
  const last = new Set(runs.filter(({ needs, policy }) => policy.runOn !== "success" && needs.length === 0));
  if (last.size === 0) return [...runs];
  const later = listLater(runs, last);
  const others = runs.flatMap((run) => (later.has(run.run) ? [] : [run.run]));
  return runs.map((run) => (last.has(run) ? { ...run, needs: others } : run));
}

/** Lists these runs, and all that wait for them. */
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
