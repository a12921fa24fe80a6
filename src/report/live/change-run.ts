import type { DeclaredRun, RunOutcome } from "../../core/event/event.ts";
import { type RunStatus, TERMINAL_STATUSES } from "../../core/run.ts";
import { addTo, getFrom } from "./persistent-map.ts";
import { declaredName, type ProgressState, type RunProgress, type Sample } from "./progress-state.ts";

interface RunChange {
  run: string;
  status: RunStatus;
  /** Null keeps the attempt that the run is in. */
  attempt: number | null;
}

/** Adds runs that wait. Those that are known already stay as they are. */
export function declareRuns(
  state: ProgressState,
  declared: readonly Pick<DeclaredRun, "run" | "needs">[],
): ProgressState {
  const added = new Map<string, RunProgress>();
  for (const { run, needs } of declared) {
    if (added.has(run) || getFrom(state.runs, run) !== undefined) continue;
    const position = state.total + added.size + 1;
    added.set(run, { run, position, needs, status: "pending", attempt: 0, unstarted: 0 });
  }
  return {
    ...state,
    total: state.total + added.size,
    counts: { ...state.counts, pending: state.counts.pending + added.size },
    runs: addTo(state.runs, added),
  };
}

/** Puts the run into `status`; a run that was not declared is declared first. */
export function changeRun(before: ProgressState, change: RunChange): ProgressState {
  const { run, status, attempt } = change;
  const state = getFrom(before.runs, run) === undefined ? declareRuns(before, [{ run, needs: [] }]) : before;
  const old = getFrom(state.runs, run);
  return old === undefined || isStale(old, change) ? state : replaceRun(state, old, { status, attempt });
}

/** An attempt has failed, and the run waits for the next one. */
export function suspendRun(state: ProgressState, { run, attempt }: { run: string; attempt: number }): ProgressState {
  const old = getFrom(state.runs, run);
  const isCurrent = old?.attempt === attempt && !TERMINAL_STATUSES.has(old.status);
  return isCurrent ? replaceRun(state, old, { status: "pending", attempt }) : state;
}

/** Adds attempts of the run that never had a process, besides those that are known. */
export function countUnstarted(before: ProgressState, run: string, more: number): ProgressState {
  const state = getFrom(before.runs, run) === undefined ? declareRuns(before, [{ run, needs: [] }]) : before;
  const old = getFrom(state.runs, run);
  if (old === undefined || more === 0) return state;
  return { ...state, runs: addTo(state.runs, [[run, { ...old, unstarted: old.unstarted + more }]]) };
}

/** Runs that had ended wait again: their session is resumed. */
export function reopenRuns(before: ProgressState, runs: readonly string[]): ProgressState {
  return runs.reduce((state, run) => {
    const old = getFrom(state.runs, run);
    return old === undefined ? state : replaceRun(state, old, { status: "pending", attempt: null });
  }, before);
}

function replaceRun(
  state: ProgressState,
  old: RunProgress,
  { status, attempt }: Omit<RunChange, "run">,
): ProgressState {
  const { run } = old;
  const counts = { ...state.counts };
  counts[old.status] -= 1;
  counts[status] += 1;
  const runs = addTo(state.runs, [[run, { ...old, status, attempt: attempt ?? old.attempt }]]);
  const active = new Map(state.active);
  active.delete(run);
  return { ...state, counts, runs, active };
}

function isStale(old: RunProgress, { status, attempt }: RunChange): boolean {
  const ended = TERMINAL_STATUSES.has(old.status);
  if (attempt === null || attempt === old.attempt) return ended || (status === "pending" && old.status === "running");
  return attempt < old.attempt;
}

/** The run has a process. */
export function startRun(
  before: ProgressState,
  { run, attempt, startedMs }: { run: string; attempt: number; startedMs: number },
): ProgressState {
  const known = getFrom(before.runs, run);
  if (known?.status === "running" && known.attempt === attempt) return before;
  const state = changeRun(before, { run, status: "running", attempt });
  const started = getFrom(state.runs, run);
  if (started?.status !== "running" || started.attempt !== attempt) return before;
  const active = new Map(state.active);
  active.set(run, { run, startedMs, totalNodes: null, doneNodes: 0, nodesMs: 0, nodes: [] });
  return { ...state, active };
}

/** Changes the run like `changeRun`, and remembers how long it took. */
export function succeedRun(
  before: ProgressState,
  { run, attempt, durationMs }: { run: string; attempt: number; durationMs: number },
): ProgressState {
  const state = changeRun(before, { run, status: "success", attempt });
  if (state.counts.success === before.counts.success) return state;
  const name = declaredName(run);
  const samples = addTo(state.samples, [[name, addSample(getFrom(state.samples, name), durationMs)]]);
  return { ...state, samples, sample: addSample(state.sample, durationMs) };
}

function addSample(sample: Sample | undefined, durationMs: number): Sample {
  return { count: (sample?.count ?? 0) + 1, totalMs: (sample?.totalMs ?? 0) + durationMs };
}

/** The outcomes of a finished session have the last word: they alone tell which runs were reused. */
export function settleRuns(before: ProgressState, outcomes: readonly RunOutcome[]): ProgressState {
  const ended = outcomes.filter((outcome) => TERMINAL_STATUSES.has(outcome.status));
  const state = declareRuns(
    before,
    ended.map(({ run }) => ({ run, needs: [] })),
  );
  const counts = { ...state.counts };
  const changed = new Map<string, RunProgress>();
  const active = new Map(state.active);
  for (const { run, status } of ended) {
    const old = changed.get(run) ?? getFrom(state.runs, run);
    if (old === undefined) continue;
    counts[old.status] -= 1;
    counts[status] += 1;
    changed.set(run, { ...old, status });
    active.delete(run);
  }
  return { ...state, counts, runs: addTo(state.runs, changed), active };
}
