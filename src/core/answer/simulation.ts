import type { OnFailure, RunStatus, SessionStatus } from "../run.ts";

/** Percentiles over all trials, in milliseconds: `p50` of 200 means that half of the trials took 200 ms or less. */
export interface Spread {
  p5: number;
  p50: number;
  p95: number;
}

/** End of a simulated session. `hung`: a part of it would never have ended. */
export type TrialStatus = Exclude<SessionStatus, "running"> | "crashed" | "hung";

/** Forecast for one policy on failures. */
export interface PolicyForecast {
  on_failure: OnFailure;
  /** Null for what the workflow declares; else so many for each run that declares fewer. */
  retries: number | null;
  /** True if this is the policy of the workflow file. */
  declared: boolean;
  sessions: Partial<Record<TrialStatus, number>>;
  /** Time until the session's end, or until its last event. */
  makespan_ms: Spread;
  /** Runs that succeeded, on the average. */
  succeeded_runs: number;
}

/** Source of a run's durations. */
export type DurationSource = "faults" | "history" | "assumed";

/** Forecast for one run over all trials. */
export interface RunForecast {
  run: string;
  duration_from: DurationSource;
  statuses: Partial<Record<RunStatus, number>>;
  /** Number of attempts in the trials in which the run started. */
  attempts: { mean: number; most: number } | null;
  /** Duration of all attempts together; null if the run never started. */
  busy_ms: Spread | null;
  /** Time of the run's end since the session's start. */
  end_ms: Spread;
  /** The share of trials in which it was on the critical path: those runs that decided when the session ended. */
  critical: number;
  /** Reasons why the run did not succeed, the most frequent first. */
  reasons: { reason: string; trials: number }[];
}

/** Result of a simulation. `simulate --json` prints it. */
export interface Simulation {
  workflow: string;
  seed: string;
  trials: number;
  max_parallel: number;
  /** The rules of the fault script, as they were written. */
  faults: string[];
  forecast: PolicyForecast;
  /** Mean share of the places for runs that was taken. */
  utilisation: number;
  runs: RunForecast[];
  /** The same faults and the same luck under other policies. */
  policies: PolicyForecast[];
}
