import { buildGraph } from "../graph.ts";
import type { PlannedRun } from "../plan.ts";

/** A place that runs use one after another, in the order in which they come to it. */
export interface Turns {
  path: string;
  /** Names of the other runs. */
  others: string[];
}

/**
 * Lists the places at which runs of a session take turns, by run: one of them writes there, and the workflow does not
 * order them. `runs` are in plan order.
 */
export function listTurns(runs: readonly PlannedRun[]): Map<string, Turns[]> {
  const graph = buildGraph(runs);
  const turns = new Map<string, Turns[]>();
  for (const [path, users] of groupByPath(runs)) {
    const isOrdered = users.every(({ run }, position) => {
      const before = users[position - 1];
      return before === undefined || graph.reaches(before.run, run);
    });
    const isWritten = users.some(({ places = [] }) =>
      places.some((each) => each.path === path && each.access === "write"),
    );
    if (isOrdered || !isWritten) continue;
    for (const { run } of users) {
      const others = users.flatMap((other) => (other.run === run ? [] : [other.run]));
      turns.set(run, [...(turns.get(run) ?? []), { path, others }]);
    }
  }
  return turns;
}

function groupByPath(runs: readonly PlannedRun[]): Map<string, PlannedRun[]> {
  const users = new Map<string, PlannedRun[]>();
  for (const run of runs) {
    for (const { path } of run.places ?? []) {
      const known = users.get(path);
      if (known === undefined) users.set(path, [run]);
      else if (known.at(-1) !== run) known.push(run);
    }
  }
  return users;
}
