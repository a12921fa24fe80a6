import type { RunStatus } from "../../core/run.ts";
import { createMap, type PersistentMap } from "./persistent-map.ts";

export interface RunProgress {
  run: string;
  /** Position from 1, in the order of declaration. */
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

/** Durations of successful runs. */
export interface Sample {
  count: number;
  totalMs: number;
}

/** State of a session by the events so far; the sum of `counts` is `total`. */
export interface ProgressState {
  workflow: string;
  startedMs: number | null;
  total: number;
  counts: Readonly<Record<RunStatus, number>>;
  runs: PersistentMap<RunProgress>;
  active: ReadonlyMap<string, ActiveRun>;
  /** Durations by the name that a run was declared under: the arms of a matrix take about as long as each other. */
  samples: PersistentMap<Sample>;
  sample: Sample;
  /** True while no run starts, until the session is continued. */
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

/** Counts the runs that have ended, in any status. */
export function countDone({ total, counts }: ProgressState): number {
  return total - counts.pending - counts.running;
}

/** The name that a run was declared under: `train` of `train[seed=1]`. */
export function declaredName(run: string): string {
  return run.split("[", 1)[0] ?? run;
}
