import type { RunEvent } from "../../core/event.ts";
import type { RunStatus } from "../../core/run.ts";
import type { PlannedRun } from "../../plan/plan.ts";

/** When a run began and ended, in milliseconds since the session's start. */
export interface RunSpan {
  run: string;
  status: RunStatus;
  attempts: number;
  /** Of its first attempt; null if it never started. */
  startMs: number | null;
  endMs: number;
  /** Of all its attempts together. */
  busyMs: number;
  reason: string | null;
}

/** Collects when what happened. Wall clocks may be set; this one goes by what it is told. */
export class Timeline {
  readonly #spans = new Map<string, RunSpan>();
  readonly #startedMs = new Map<string, number>();

  take(events: readonly RunEvent[], atMs: number): void {
    for (const event of events) {
      if (!("run" in event)) continue;
      const span = this.#spanOf(event.run, atMs);
      switch (event.type) {
        case "run.started":
          span.status = "running";
          span.attempts = event.attempt;
          span.startMs ??= atMs;
          this.#startedMs.set(event.run, atMs);
          break;
        case "run.succeeded":
          this.#end(span, { status: "success", atMs, reason: null });
          break;
        case "run.failed": {
          const isLast = event.will_retry_at === null;
          const { type, message } = event.exception;
          const reason = event.reason ?? `${type}: ${message}`;
          this.#end(span, { status: isLast ? "failed" : "pending", atMs, reason });
          break;
        }
        case "run.cancelled":
        case "run.skipped":
          this.#end(span, {
            status: event.type === "run.skipped" ? "skipped" : "cancelled",
            atMs,
            reason: event.reason,
          });
          break;
        default:
      }
    }
  }

  /** In plan order; a run of which nothing was heard is pending. */
  spans(runs: readonly PlannedRun[], nowMs: number): RunSpan[] {
    return runs.map(({ run }) => this.#spans.get(run) ?? emptySpan(run, nowMs));
  }

  #end(span: RunSpan, { status, atMs, reason }: { status: RunStatus; atMs: number; reason: string | null }): void {
    span.status = status;
    span.endMs = atMs;
    span.reason = reason;
    span.busyMs += atMs - (this.#startedMs.get(span.run) ?? atMs);
    this.#startedMs.delete(span.run);
  }

  #spanOf(run: string, atMs: number): RunSpan {
    const span = this.#spans.get(run) ?? emptySpan(run, atMs);
    this.#spans.set(run, span);
    return span;
  }
}

function emptySpan(run: string, endMs: number): RunSpan {
  return { run, status: "pending", attempts: 0, startMs: null, endMs, busyMs: 0, reason: null };
}

/**
 * The runs that decided when the session ended, from the first to the last: of the run that ended last, the one whose end it
 * waited for, and so on. Runs that waited for a free place, and not for another run, begin a path.
 */
export function findCriticalPath(runs: readonly PlannedRun[], spans: readonly RunSpan[]): string[] {
  const byName = new Map(spans.map((span) => [span.run, span]));
  const needs = new Map(runs.map((run) => [run.run, run.needs]));
  const started = spans.filter(({ startMs }) => startMs !== null);
  const path: string[] = [];
  for (let last = latest(started); last !== undefined; ) {
    path.unshift(last.run);
    last = latest(
      (needs.get(last.run) ?? []).flatMap((need) => byName.get(need) ?? []).filter((span) => span.startMs !== null),
    );
  }
  return path;
}

function latest(spans: readonly RunSpan[]): RunSpan | undefined {
  return spans.reduce<RunSpan | undefined>(
    (last, span) => (last === undefined || span.endMs > last.endMs ? span : last),
    undefined,
  );
}
