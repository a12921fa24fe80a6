import type { CleanupPolicy } from "./trash.ts";

/** Condition for the start of a run: success of the runs before it, a failure among them, or none at all (`always`). */
export type RunOn = "success" | "failure" | "always";

/** Number of retries of a failed run, and the waits between them. */
export interface RetryPolicy {
  /** Attempts after the first. */
  max: number;
  /** Wait before the second attempt, in milliseconds. */
  initialMs: number;
  /** Factor of each further wait: 1 waits equally long every time. */
  factor: number;
  /** No wait is longer. */
  maxMs: number;
  /** Waits a random time between half of the wait and all of it, so that runs which failed together don't return together. */
  jitter: boolean;
  /** Types of exceptions; null for any failure. */
  on: string[] | null;
  /** A further attempt goes on where the failed one ended; default: it begins afresh. */
  resume?: boolean;
}

/** Consequences of a run's end for the run and for others. */
export interface RunPolicy {
  retries: RetryPolicy | null;
  /** True if a failure of the run does not fail the session. Its outputs are missing nevertheless. */
  allowFailure: boolean;
  runOn: RunOn;
  /** Treatment of the data of failed attempts once the session has ended. */
  cleanup: CleanupPolicy;
  /** Time that the worker of a Kedro run waits for the next session; absent if it ends with this one. */
  keepWorkerMs?: number;
}

export const DEFAULT_POLICY: Readonly<RunPolicy> = {
  retries: null,
  allowFailure: false,
  runOn: "success",
  cleanup: "keep",
};

/** Counts the attempts that the run may take in all. */
export function countAttempts({ retries }: RunPolicy): number {
  return 1 + (retries?.max ?? 0);
}
