import { TERMINAL_STATUSES } from "../../core/run.ts";
import { getFrom, valuesOf } from "./persistent-map.ts";
import { type ActiveRun, declaredName, type ProgressState, type RunProgress, type Sample } from "./progress-state.ts";

export interface EstimateOptions {
  nowMs: number;
  maxParallel: number;
}

/**
 * Estimates the milliseconds until the session ends; null while no run has ended that could tell, and once all that is
 * left takes longer than those did. A pending run takes
 * the mean of the runs declared under its name, else of all; the rest takes as long as its longest chain of needs, and
 * no less than all of it shared among the parallel places.
 */
export function estimateRemainingMs(state: ProgressState, options: EstimateOptions): number | null {
  const fallbackMs = typicalMs(state, options.nowMs);
  if (fallbackMs === null) return null;
  const open = openRuns(state);
  if (open.length === 0) return null;
  const endsMs = new Map<string, number>();
  let workMs = 0;
  let lastEndMs = 0;
  for (const run of open) {
    const leftMs = remainingMs(state, { run, fallbackMs, nowMs: options.nowMs });
    const startMs = run.needs.reduce((latest, need) => Math.max(latest, endsMs.get(need) ?? 0), 0);
    endsMs.set(run.run, startMs + leftMs);
    workMs += leftMs;
    lastEndMs = Math.max(lastEndMs, startMs + leftMs);
  }
  return lastEndMs === 0 ? null : Math.max(lastEndMs, workMs / Math.max(1, options.maxParallel));
}

/** Lists open runs in the order of declaration, so that needed runs come before those that need them. */
function openRuns(state: ProgressState): RunProgress[] {
  return [...valuesOf(state.runs)]
    .filter((run) => !TERMINAL_STATUSES.has(run.status))
    .sort((left, right) => left.position - right.position);
}

function remainingMs(
  state: ProgressState,
  { run, fallbackMs, nowMs }: { run: RunProgress; fallbackMs: number; nowMs: number },
): number {
  const active = state.active.get(run.run);
  const namesakes = meanMs(getFrom(state.samples, declaredName(run.run)));
  if (active === undefined) return namesakes ?? fallbackMs;
  const totalMs = namesakes ?? projectMs(active) ?? fallbackMs;
  return Math.max(0, totalMs - (nowMs - active.startedMs));
}

/**
 * Duration of a run without one of its own: the mean of those that ended, else an extrapolation of the nodes so far.
 */
function typicalMs(state: ProgressState, nowMs: number): number | null {
  const ended = meanMs(state.sample);
  if (ended !== null) return ended;
  const projected = [...state.active.values()].flatMap((run) => {
    const totalMs = projectMs(run);
    return totalMs === null ? [] : [Math.max(totalMs, nowMs - run.startedMs)];
  });
  return meanMs({ count: projected.length, totalMs: projected.reduce((sum, ms) => sum + ms, 0) });
}

/** The whole duration of a run, if its other nodes take as long as those that are done. */
function projectMs({ doneNodes, nodesMs, totalNodes }: ActiveRun): number | null {
  return doneNodes === 0 || totalNodes === null ? null : (nodesMs / doneNodes) * totalNodes;
}

function meanMs(sample: Sample | undefined): number | null {
  return sample === undefined || sample.count === 0 ? null : sample.totalMs / sample.count;
}
