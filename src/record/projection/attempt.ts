import type {
  AttemptEvent,
  DatasetLoaded,
  DatasetResumed,
  EnvironmentCaptured,
  NodeFailed,
  NodeFinished,
  NodeStarted,
  RunWarned,
} from "../../core/event/attempt-event.ts";
import type { DatasetPublished } from "../../core/event/event.ts";
import { isRunId, type RunId } from "../../core/run-id.ts";
import type { AttemptRow, NodeRow, PinRow } from "../rows.ts";
import { findAttempt } from "./attempt-changes.ts";
import { type Change, insertRow, mergeRow, updateRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { refuseEvent, refuseIfEnded } from "./refuse-event.ts";

/** Projects the signals of a live attempt. */
export function projectSignal(event: AttemptEvent, current: CurrentRows): Change[] {
  const attempt = findAttempt(event, current);
  refuseIfEnded(event, attempt.status);
  switch (event.type) {
    case "pipeline.started":
      return [updateAttempt(attempt, { total_nodes: event.total_nodes })];
    case "node.started":
      return [startNode(event)];
    case "node.finished":
      return [endNode(event, "finished")];
    case "node.failed":
      return [endNode(event, "failed")];
    case "dataset.loaded":
      return [recordLoad(event)];
    case "run.warned":
      return [recordWarning(event)];
    case "dataset.resumed":
      return [recordResumption(event)];
    case "dataset.saved":
      // A version counts once its attempt has succeeded; that something was written here counts at once.
      return recordWrite(event);
    case "environment.captured":
      return recordEnvironment(event, attempt);
    case "metrics.reported":
      return [updateAttempt(attempt, { metrics: JSON.stringify(event.metrics) })];
  }
}

/** A copy at a plain path is a fact about a version, so it may come after the run's end. */
export function projectPublication(event: DatasetPublished, current: CurrentRows): Change[] {
  const { run_id, dataset, location, time } = event;
  const attempt = current.findAttemptRow(run_id);
  if (attempt?.status !== "success") return refuseEvent(event, "only what a successful attempt saved is published");
  return [insertRow("publications", { run_id, dataset, location, time }), ...recordWrite(event)];
}

/** Writes to the attempt's own folder are left out: the path tells their attempt. */
export function recordWrite({
  run_id,
  location,
  time,
}: {
  run_id: RunId;
  location: string | null;
  time: string;
}): Change[] {
  if (location === null || location.split("/").some(isRunId)) return [];
  return [insertRow("writes", { run_id, location, time })];
}

function recordEnvironment({ digest, facts }: EnvironmentCaptured, attempt: AttemptRow): Change[] {
  const change = updateAttempt(attempt, { environment: digest });
  return facts === null
    ? [change]
    : [mergeRow("environments", { digest, facts: JSON.stringify(facts) }, ["facts"]), change];
}

function updateAttempt({ run_id, status }: AttemptRow, set: Partial<AttemptRow>): Change {
  return updateRow("attempts", { key: { run_id }, expect: { status }, set });
}

function startNode({ run_id, node, time }: NodeStarted): Change {
  const row: NodeRow = { run_id, node, status: "running", start_time: time, end_time: null, duration_ms: null };
  return mergeRow("nodes", row, ["status", "start_time", "end_time", "duration_ms"]);
}

/** The start of a node may be missing: what was cut off with its writer never reaches the log. */
function endNode(event: NodeFinished | NodeFailed, status: "finished" | "failed"): Change {
  const { run_id, node, duration_ms, time } = event;
  const row: NodeRow = { run_id, node, status, start_time: null, end_time: time, duration_ms };
  return mergeRow("nodes", row, ["status", "end_time", "duration_ms"]);
}

function recordWarning({ run_id, code, message, time }: RunWarned): Change {
  return insertRow("warnings", { run_id, code, message, time });
}

/** Records that a dataset of the attempt is an earlier attempt's. */
function recordResumption({ run_id, run, dataset, version, node }: DatasetResumed): Change {
  const reason = `${node} finished in an earlier attempt of ${run}, and nothing that it depends on has changed since`;
  const row: PinRow = {
    ...{ run_id, dataset, version, rule: "resumed", reason },
    ...{ from_run: run, from_dataset: dataset, passed_over: null, vouched_by: null },
  };
  return mergeRow("pins", row, ["version", "rule", "from_run", "from_dataset", "reason"]);
}

function recordLoad(event: DatasetLoaded): Change {
  const { run_id, dataset, version, location, node, time, bytes = null, hash = null } = event;
  return insertRow("loads", { run_id, dataset, version, location, node, time, bytes, hash });
}
