import type { KeyPath } from "../definition.ts";
import { atValue, type Finding } from "../finding.ts";

/** One run waits for another, and where the file says so. */
export interface Edge {
  to: string;
  /** Inside the run that waits. */
  field: KeyPath;
}

/** Runs that each run waits for. Names of no run lead to no edge. */
export type Edges = ReadonlyMap<string, readonly Edge[]>;

const MAX_CYCLES = 20;
const MAX_NAMES = 100;

interface Visit {
  run: string;
  edges: readonly Edge[];
  next: number;
}

/** Cycles among runs, each at the edge that closes it: at most 20, in time linear in the edges, without recursion. */
export function findCycles(edges: Edges): Finding[] {
  const found = new Map<string, Finding>();
  const finished = new Set<string>();
  const stack: Visit[] = [];
  const depths = new Map<string, number>();
  const enter = (run: string): void => {
    depths.set(run, stack.length);
    stack.push({ run, edges: edges.get(run) ?? [], next: 0 });
  };
  for (const start of edges.keys()) {
    if (found.size === MAX_CYCLES) break;
    if (!finished.has(start)) enter(start);
    for (let top = stack.at(-1); top !== undefined && found.size < MAX_CYCLES; top = stack.at(-1)) {
      const edge = top.edges[top.next++];
      const depth = edge === undefined ? undefined : depths.get(edge.to);
      if (edge === undefined) {
        finished.add(top.run);
        depths.delete(top.run);
        stack.pop();
      } else if (depth !== undefined) {
        const closing = JSON.stringify([top.run, edge.to]);
        if (!found.has(closing)) found.set(closing, describeCycle(stack.slice(depth), edge));
      } else if (!finished.has(edge.to)) {
        enter(edge.to);
      }
    }
  }
  return [...found.values()];
}

function describeCycle(visits: readonly Visit[], closing: Edge): Finding {
  const names = [...visits.map(({ run }) => run), closing.to];
  const hidden = names.length - MAX_NAMES;
  if (hidden > 0) names.splice(MAX_NAMES / 2, hidden, `(${hidden} more)`);
  const message = `${names.join(" -> ")}: each of these runs waits for the next`;
  const path = ["runs", visits.at(-1)?.run ?? "", ...closing.field];
  return atValue(path, "cycle", message, "remove one of the edges");
}
