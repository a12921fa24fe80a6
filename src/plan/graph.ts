import { Graph } from "@dagrejs/graphlib";
import { createReadyQueue } from "./ready-queue.ts";

const MAX_SHOWN = 20;

/** A run and the runs that it waits for. */
export interface GraphRun {
  run: string;
  needs: readonly string[];
}

/** Every run once, each after all that it needs; or the ways in which runs wait for themselves. */
export type RunOrder = { ok: true; order: string[] } | { ok: false; cycles: string[][] };

/** Graph of runs that wait for each other. No method recurses, so that a chain may be as long as memory allows. */
export interface RunGraph {
  /** Kahn's algorithm; among ready runs the one declared first, so that a file in executable order stays as it is. */
  order(): RunOrder;
  /** Every run that `run` waits for, directly or not; empty for a name that the graph does not hold. */
  ancestors(run: string): Set<string>;
  /** Every run that waits for `run`, directly or not. */
  dependants(run: string): Set<string>;
  /** True if `to` waits for `from`. Looks only at the runs between them in the order; false in a graph with cycles. */
  reaches(from: string, to: string): boolean;
}

/** Builds the graph of `runs`, which are in declaration order. Needs that name none of them are left out. */
export function buildGraph(runs: readonly GraphRun[]): RunGraph {
  const positions = new Map(runs.map(({ run }, position) => [run, position]));
  const graph = linkRuns(runs, positions);
  const name = (id: string): string => runs[Number(id)]?.run ?? id;
  const collect = (run: string, next: (id: string) => string[]): Set<string> => {
    const position = positions.get(run);
    return new Set(position === undefined ? [] : collectReachable(String(position), next).map(name));
  };
  let ranks: ReadonlyMap<string, number> | null = null;
  return {
    order() {
      const { order, waiting } = orderIds(graph);
      if (waiting.size === 0) return { ok: true, order: order.map(name) };
      return { ok: false, cycles: findCycles(graph, waiting).map((cycle) => cycle.map(name)) };
    },
    ancestors: (run) => collect(run, (id) => graph.predecessors(id) ?? []),
    dependants: (run) => collect(run, (id) => graph.successors(id) ?? []),
    reaches(from, to) {
      ranks ??= new Map(orderIds(graph).order.map((id, rank) => [id, rank]));
      const [source, target] = [String(positions.get(from)), String(positions.get(to))];
      return isBetween(graph, { source, target, ranks });
    },
  };
}

/** `a -> b -> a`, each waiting for the next; of a long way round only the ends. */
export function formatCycle(cycle: readonly string[]): string {
  const shown = cycle.length <= MAX_SHOWN ? cycle : [...cycle.slice(0, MAX_SHOWN - 1), "...", ...cycle.slice(-1)];
  return [...shown, ...cycle.slice(0, 1)].join(" -> ");
}

function linkRuns(runs: readonly GraphRun[], positions: ReadonlyMap<string, number>): Graph {
  const graph = new Graph();
  // Ids are positions: graphlib looks names up in plain objects, where `constructor` is always there.
  for (const position of runs.keys()) graph.setNode(String(position));
  for (const [position, { needs }] of runs.entries()) {
    for (const need of needs) {
      const from = positions.get(need);
      if (from !== undefined) graph.setEdge(String(from), String(position));
    }
  }
  return graph;
}

function orderIds(graph: Graph): { order: string[]; waiting: Map<string, number> } {
  const waiting = new Map(graph.nodes().map((id) => [id, graph.predecessors(id)?.length ?? 0]));
  const ready = createReadyQueue();
  const order: string[] = [];
  const release = (id: string): void => {
    waiting.delete(id);
    ready.push(Number(id));
  };
  for (const id of graph.sources()) release(id);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    const id = String(next);
    order.push(id);
    for (const dependant of graph.successors(id) ?? []) {
      const left = (waiting.get(dependant) ?? 0) - 1;
      waiting.set(dependant, left);
      if (left === 0) release(dependant);
    }
  }
  return { order, waiting };
}

/** Each waiting run waits for a waiting run: following the first of them ends in a cycle. One pass finds disjoint cycles. */
function findCycles(graph: Graph, waiting: ReadonlyMap<string, number>): string[][] {
  const walkOf = new Map<string, string>();
  const cycles: string[][] = [];
  for (const start of waiting.keys()) {
    const path: string[] = [];
    let id: string | undefined = start;
    while (id !== undefined && !walkOf.has(id)) {
      walkOf.set(id, start);
      path.push(id);
      id = graph.predecessors(id)?.find((need) => waiting.has(need));
    }
    if (id !== undefined && walkOf.get(id) === start) cycles.push(startAtFirst(path.slice(path.indexOf(id))));
  }
  return cycles;
}

function startAtFirst(cycle: string[]): string[] {
  const first = cycle.reduce((least, id, index) => (Number(id) < Number(cycle[least]) ? index : least), 0);
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}

function collectReachable(start: string, next: (id: string) => string[]): string[] {
  const seen = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const neighbour of next(id)) {
      if (seen.has(neighbour)) continue;
      seen.add(neighbour);
      open.push(neighbour);
    }
  }
  return [...seen];
}

interface Span {
  source: string;
  target: string;
  ranks: ReadonlyMap<string, number>;
}

function isBetween(graph: Graph, { source, target, ranks }: Span): boolean {
  const floor = ranks.get(source);
  if (floor === undefined) return false;
  const above = (id: string): boolean => (ranks.get(id) ?? -1) >= floor;
  return collectReachable(target, (id) => (graph.predecessors(id) ?? []).filter(above)).includes(source);
}
