import type { RunStatus } from "../../core/run.ts";
import { createMap, type PersistentMap } from "./persistent-map.ts";

export interface RunProgress {
  run: string;
  /** From 1, in the order of declaration. */
  position: number;
  needs: readonly string[];
  status: RunStatus;
  attempt: number;
  /** Attempts so far that never had a process. */
  unstarted: number;
}

/** A run whose process is under way. */
export interface ActiveRun {
  run: string;
  startedMs: number;
  totalNodes: number | null;
  doneNodes: number;
  /** Sum over the nodes that are done. */
  nodesMs: number;
  /** Node names under way, the newest last. */
  nodes: readonly string[];
}

/** How long successful runs took. */
export interface Sample {
  count: number;
  totalMs: number;
}

/** What the events so far say about a session; the sum of `counts` is `total`. */
export interface ProgressState {
  workflow: string;
  startedMs: number | null;
  total: number;
  counts: Readonly<Record<RunStatus, number>>;
  runs: PersistentMap<RunProgress>;
  active: ReadonlyMap<string, ActiveRun>;
  /** By the name that a run was declared under: the arms of a matrix take about as long as each other. */
  samples: PersistentMap<Sample>;
  sample: Sample;
  /** No run starts until somebody continues the session. */
  isPaused: boolean;
}

const NO_RUNS: Record<RunStatus, number> = {
  pending: 0,
  running: 0,
  success: 0,
  failed: 0,
  skipped: 0,
  cancelled: 0,
  reused: 0,
};

export function createProgress(): ProgressState {
  return {
    workflow: "",
    startedMs: null,
    total: 0,
    counts: NO_RUNS,
    runs: createMap(),
    active: new Map(),
    samples: createMap(),
    sample: { count: 0, totalMs: 0 },
    isPaused: false,
  };
}

/** How many runs have ended, in whatever way. */
export function countDone({ total, counts }: ProgressState): number {
  return total - counts.pending - counts.running;
}

/** The name that a run was declared under: `train` of `train[seed=1]`. */
export function declaredName(run: string): string {
  return run.split("[", 1)[0] ?? run;
}
