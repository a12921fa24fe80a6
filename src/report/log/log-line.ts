import type { RunEvent } from "../../core/event/event.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { describeException } from "../text/describe-reason.ts";

/** Fields of every line of a run's log, so that a single line still tells its run. */
export interface LogBindings {
  session_id: SessionId;
  run: string;
  run_id: RunId;
  attempt: number;
}

export interface LogLine {
  level: "info" | "error";
  bindings: LogBindings;
  fields: Record<string, unknown>;
  message: string;
}

type AttemptEvent = Extract<RunEvent, { attempt: number }>;

/** The line for an event of an attempt; null for what is not of an attempt, or too much for a log. */
export function toLogLine(event: RunEvent): LogLine | null {
  if (!("attempt" in event) || event.run_id === null) return null;
  const content = describeContent(event);
  if (content === null) return null;
  const { session_id, run, run_id, attempt, type, time } = event;
  const isFailure = type === "run.failed" || type === "node.failed";
  return {
    level: isFailure ? "error" : "info",
    bindings: { session_id, run, run_id, attempt },
    fields: { time, event: type, ...content.fields },
    message: content.message,
  };
}

function describeContent(event: AttemptEvent): Pick<LogLine, "fields" | "message"> | null {
  switch (event.type) {
    case "run.resolved":
      return { fields: { pins: event.pins }, message: "versions settled" };
    case "run.started":
      return { fields: { pid: event.pid }, message: "run started" };
    case "pipeline.started":
      return { fields: { total_nodes: event.total_nodes }, message: "pipeline started" };
    case "node.started":
      return { fields: { node: event.node }, message: `node ${event.node} started` };
    case "node.finished":
    case "node.failed": {
      const message = `node ${event.node} ${event.type === "node.failed" ? "failed" : "finished"}`;
      return { fields: { node: event.node, duration_ms: event.duration_ms }, message };
    }
    case "run.warned":
      return { fields: { code: event.code }, message: `warning: ${event.message}` };
    case "run.succeeded": {
      const { duration_ms, outputs, peak_memory_bytes } = event;
      return { fields: { duration_ms, outputs: Object.keys(outputs), peak_memory_bytes }, message: "run succeeded" };
    }
    case "run.failed": {
      const { duration_ms, exception, peak_memory_bytes, will_retry_at, reason } = event;
      const message = `run failed: ${describeException(exception)}`;
      return { fields: { duration_ms, exception, peak_memory_bytes, will_retry_at, reason }, message };
    }
    case "run.cancelled":
      return { fields: { duration_ms: event.duration_ms }, message: `run cancelled: ${event.reason}` };
    case "metrics.reported":
      return { fields: { metrics: event.metrics }, message: "metrics reported" };
    case "environment.captured":
    case "dataset.loaded":
    case "dataset.saved":
    case "dataset.resumed":
      return null;
    default:
      event satisfies never;
      return null;
  }
}
