import type { OnFailure, RunStatus, SessionStatus } from "../run.ts";

/** Of all trials: so many percent of them took no longer. Milliseconds. */
export interface Spread {
  p5: number;
  p50: number;
  p95: number;
}

/** How a simulated session ended; `hung`: something in it would never have ended. */
export type TrialStatus = Exclude<SessionStatus, "running"> | "crashed" | "hung";

/** What one way to treat failures led to. */
export interface PolicyForecast {
  on_failure: OnFailure;
  /** Null for what the workflow declares; else so many for each run that declares fewer. */
  retries: number | null;
  /** Whether this is what the workflow says. */
  declared: boolean;
  sessions: Partial<Record<TrialStatus, number>>;
  /** Until the session's end, or until nothing happened any more. */
  makespan_ms: Spread;
  /** Runs that succeeded, on the average. */
  succeeded_runs: number;
}

/** Where a run's durations were taken from. */
export type DurationSource = "faults" | "history" | "assumed";

/** What became of one run in all trials. */
export interface RunForecast {
  run: string;
  duration_from: DurationSource;
  statuses: Partial<Record<RunStatus, number>>;
  /** Of those trials in which it started. */
  attempts: { mean: number; most: number } | null;
  /** Of all its attempts together; null if it never started. */
  busy_ms: Spread | null;
  /** Since the session's start. */
  end_ms: Spread;
  /** The share of trials in which it was on the critical path: those runs that decided when the session ended. */
  critical: number;
  /** Why it did not succeed, the most frequent first. */
  reasons: { reason: string; trials: number }[];
}

/** What `simulate --json` prints. */
export interface Simulation {
  workflow: string;
  seed: string;
  trials: number;
  max_parallel: number;
  /** The rules of the fault script, as they were written. */
  faults: string[];
  forecast: PolicyForecast;
  /** Of all places for runs, on the average, the share that was taken. */
  utilisation: number;
  runs: RunForecast[];
  /** The same faults and the same luck under other policies. */
  policies: PolicyForecast[];
}
