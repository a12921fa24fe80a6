import type { RunEvent } from "../../core/event/event.ts";
import type { RunStatus } from "../../core/run.ts";
import type { PlannedRun } from "../../plan/plan.ts";

/** Begin and end of a run, in milliseconds since the session's start. */
export interface RunSpan {
  run: string;
  status: RunStatus;
  attempts: number;
  /** Start of the first attempt; null if the run never started. */
  startMs: number | null;
  endMs: number;
  /** Duration of all attempts together. */
  busyMs: number;
  reason: string | null;
}

/** Collects when what happened. Wall clocks may be set; this one goes by what it is told. */
export class Timeline {
  readonly #spans = new Map<string, RunSpan>();
  readonly #startedMs = new Map<string, number>();

  take(events: readonly RunEvent[], atMs: number): void {
    for (const event of events) {
      if (!("run" in event) || event.run === null) continue;
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

  /** Returns spans in plan order; a run without an event is pending. */
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
 * waited for, be it one that it needs or one that had its place, and so on. What never started took no time and is left out.
 */
export function findCriticalPath(runs: readonly PlannedRun[], spans: readonly RunSpan[]): string[] {
  const byName = new Map(spans.map((span) => [span.run, span]));
  const needs = new Map(runs.map((run) => [run.run, run.needs.flatMap((need) => byName.get(need) ?? [])]));
  const started = spans.filter(({ startMs }) => startMs !== null);
  const ends = new Map(started.map((span) => [span.endMs, span]));
  const path: string[] = [];
  const seen = new Set<RunSpan>();
  for (let last = findLatest(started); last !== undefined && !seen.has(last); ) {
    seen.add(last);
    if (last.startMs !== null) path.unshift(last.run);
    const needed = findLatest(needs.get(last.run) ?? []);
    const waitedForPlace = last.startMs !== null && last.startMs > (needed?.endMs ?? 0);
    last = (waitedForPlace ? ends.get(last.startMs ?? 0) : undefined) ?? needed;
  }
  return path;
}

function findLatest(spans: readonly RunSpan[]): RunSpan | undefined {
  const later = (last: RunSpan | undefined, span: RunSpan) =>
    last === undefined || span.endMs > last.endMs ? span : last;
  return spans.reduce(later, undefined as RunSpan | undefined);
}
