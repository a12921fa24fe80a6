import type { RunForecast, Spread, TrialStatus } from "../../core/answer/simulation.ts";
import type { RunStatus } from "../../core/run.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { quantile } from "./simulated-runner.ts";
import { findCriticalPath, type RunSpan } from "./timeline.ts";

/** Result of a trial. */
export interface Trial {
  status: TrialStatus;
  makespanMs: number;
  spans: readonly RunSpan[];
}

const REASONS = 3;

/** Computes percentiles; zeros for no trial at all. */
export function spreadOf(values: readonly number[]): Spread {
  const ascending = values.toSorted((a, b) => a - b);
  const at = (part: number) => Math.round(quantile(ascending, part));
  return { p5: at(0.05), p50: at(0.5), p95: at(0.95) };
}

export function countSessions(trials: readonly Trial[]): Partial<Record<TrialStatus, number>> {
  return countBy(trials.map(({ status }) => status));
}

/** Counts succeeded runs: the mean over all trials. */
export function countSucceeded(trials: readonly Trial[]): number {
  const all = trials.flatMap(({ spans }) => spans.filter(({ status }) => status === "success"));
  return all.length / Math.max(1, trials.length);
}

/** The share of `maxParallel` places that was taken while the sessions lasted. */
export function measureUtilisation(trials: readonly Trial[], maxParallel: number): number {
  const busyMs = sum(trials.map(({ spans }) => sum(spans.map((span) => span.busyMs))));
  const roomMs = maxParallel * sum(trials.map(({ makespanMs }) => makespanMs));
  return roomMs === 0 ? 0 : busyMs / roomMs;
}

/** Forecasts each run, in plan order. */
export function forecastRuns(
  runs: readonly PlannedRun[],
  trials: readonly Trial[],
): Omit<RunForecast, "duration_from">[] {
  const onPath = new Map<string, number>();
  for (const { spans } of trials) {
    for (const run of findCriticalPath(runs, spans)) onPath.set(run, (onPath.get(run) ?? 0) + 1);
  }
  return runs.map(({ run }, index) => {
    const spans = trials.flatMap((trial) => trial.spans[index] ?? []);
    return { run, ...forecastRun(spans), critical: (onPath.get(run) ?? 0) / Math.max(1, trials.length) };
  });
}

function forecastRun(spans: readonly RunSpan[]): Omit<RunForecast, "run" | "duration_from" | "critical"> {
  const started = spans.filter(({ startMs }) => startMs !== null);
  const attempts = started.map((span) => span.attempts);
  const isStarted = started.length > 0;
  return {
    statuses: countBy(spans.map(({ status }) => status)) as Partial<Record<RunStatus, number>>,
    attempts: isStarted ? { mean: sum(attempts) / attempts.length, most: Math.max(...attempts) } : null,
    busy_ms: isStarted ? spreadOf(started.map(({ busyMs }) => busyMs)) : null,
    end_ms: spreadOf(spans.map(({ endMs }) => endMs)),
    reasons: listReasons(spans),
  };
}

function listReasons(spans: readonly RunSpan[]): RunForecast["reasons"] {
  const told = spans.flatMap(({ status, reason }) => (status === "success" || reason === null ? [] : [reason]));
  const counts = Object.entries(countBy(told)).sort(([, a], [, b]) => b - a);
  return counts.slice(0, REASONS).map(([reason, trials]) => ({ reason, trials }));
}

function countBy<K extends string>(values: readonly K[]): Record<K, number> {
  const counts = new Map<K, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries(counts) as Record<K, number>;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
