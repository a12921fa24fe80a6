import type { NodeFinished } from "../../core/event/attempt-event.ts";
import type { RunEvent, RunFailed, SessionResumed, SessionStarted } from "../../core/event/event.ts";
import { type SessionRecord, TERMINAL_STATUSES } from "../../core/run.ts";
import {
  changeRun,
  countUnstarted,
  declareRuns,
  reopenRuns,
  settleRuns,
  startRun,
  succeedRun,
  suspendRun,
} from "./change-run.ts";
import { getFrom } from "./persistent-map.ts";
import { type ActiveRun, createProgress, type ProgressState } from "./progress-state.ts";

/**
 * Returns the state after `event`. Late and repeated events of an attempt change no state; an undeclared run counts as
 * declared.
 */
export function reduceProgress(state: ProgressState, event: RunEvent): ProgressState {
  switch (event.type) {
    case "session.started":
    case "session.resumed":
      return beginSession(state, event);
    case "runs.declared":
      return declareRuns(state, event.runs);
    case "run.resolved":
      return changeRun(state, { run: event.run, status: "pending", attempt: event.attempt });
    case "run.started":
      return startRun(state, { run: event.run, attempt: event.attempt, startedMs: Date.parse(event.time) });
    case "pipeline.started":
      return updateActive(state, event, (run) => ({ ...run, totalNodes: event.total_nodes }));
    case "node.started":
      return updateActive(state, event, (run) => ({ ...run, nodes: [...run.nodes, event.node] }));
    case "node.finished":
      return updateActive(state, event, (run) => countNode(run, event));
    case "node.failed":
      return updateActive(state, event, (run) => endNode(run, event.node));
    case "run.succeeded":
      return succeedRun(state, { run: event.run, attempt: event.attempt, durationMs: event.duration_ms });
    case "run.failed":
      return failRun(state, event);
    case "run.cancelled":
      return changeRun(state, { run: event.run, status: "cancelled", attempt: event.attempt });
    case "run.skipped":
    case "run.reused":
      return changeRun(state, { ...event, status: event.type === "run.reused" ? "reused" : "skipped", attempt: null });
    case "session.finished":
      return settleRuns(state, event.runs);
    case "session.paused":
    case "session.continued":
      return { ...state, isPaused: event.type === "session.paused" };
    default:
      return passOver(state, event);
  }
}

type Counted =
  | "session.started"
  | "session.resumed"
  | "runs.declared"
  | "run.resolved"
  | "run.started"
  | "pipeline.started"
  | "node.started"
  | "node.finished"
  | "node.failed"
  | "run.succeeded"
  | "run.failed"
  | "run.cancelled"
  | "run.skipped"
  | "run.reused"
  | "session.finished"
  | "session.paused"
  | "session.continued";

/** Passes over events that don't change the progress of a session. */
function passOver(state: ProgressState, event: Exclude<RunEvent, { type: Counted }>): ProgressState {
  switch (event.type) {
    case "run.warned":
    case "dataset.loaded":
    case "dataset.saved":
    case "dataset.resumed":
    case "dataset.published":
    case "environment.captured":
    case "metrics.reported":
    case "run.discarded":
    case "run.restored":
    case "publication.prepared":
    case "publication.set_aside":
    case "publication.undone":
    case "run.compensated":
    case "rollback.started":
    case "rollback.ended":
    case "alias.set":
    case "alias.removed":
    case "run.tagged":
    case "run.noted":
    case "version.tainted":
    case "version.cleared":
    case "version.confirmed":
    case "version.replaced":
    case "request.made":
    case "request.accepted":
    case "request.answered":
      return state;
    default:
      event satisfies never;
      return state;
  }
}

/** Restores the progress of a session that another process began. */
export function restoreProgress({ workflow, runs, start_time }: SessionRecord): ProgressState {
  const begun = { ...createProgress(), workflow, startedMs: Date.parse(start_time) };
  const declared = declareRuns(
    begun,
    runs.map(({ run }) => ({ run, needs: [] })),
  );
  const counted = runs.reduce(
    (state, { run, unstarted_attempts = 0 }) => countUnstarted(state, run, unstarted_attempts),
    declared,
  );
  const ended = runs.filter(({ status }) => TERMINAL_STATUSES.has(status));
  return ended.reduce((state, { run, status, attempt }) => changeRun(state, { run, status, attempt }), counted);
}

function beginSession(state: ProgressState, event: SessionStarted | SessionResumed): ProgressState {
  const startedMs = Date.parse(event.time);
  if (event.type === "session.started") return { ...state, workflow: event.workflow, startedMs };
  return reopenRuns({ ...state, startedMs }, event.runs);
}

function failRun(before: ProgressState, event: RunFailed): ProgressState {
  const { run, attempt, will_retry_at } = event;
  const state = countUnstarted(before, run, isUnstarted(event) ? 1 : 0);
  return will_retry_at === null ? changeRun(state, { run, status: "failed", attempt }) : suspendRun(state, event);
}

/** True of an attempt that never had a process, and is followed by another one. */
export function isUnstarted({ duration_ms, will_retry_at }: RunFailed): boolean {
  return duration_ms === null && will_retry_at !== null;
}

function updateActive(
  state: ProgressState,
  { run, attempt }: { run: string; attempt: number },
  update: (run: ActiveRun) => ActiveRun,
): ProgressState {
  const old = state.active.get(run);
  if (old === undefined || getFrom(state.runs, run)?.attempt !== attempt) return state;
  return { ...state, active: new Map(state.active).set(run, update(old)) };
}

function countNode(run: ActiveRun, { node, duration_ms }: NodeFinished): ActiveRun {
  return { ...endNode(run, node), doneNodes: run.doneNodes + 1, nodesMs: run.nodesMs + duration_ms };
}

function endNode(run: ActiveRun, node: string): ActiveRun {
  const at = run.nodes.indexOf(node);
  return at === -1 ? run : { ...run, nodes: run.nodes.toSpliced(at, 1) };
}
