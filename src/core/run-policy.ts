import type { CleanupPolicy } from "./trash.ts";

/** When a run may start, as its author says it: after success, after a failure, or whatever happened. */
export type RunOn = "success" | "failure" | "always";

/** How often, and after which wait, a failed run is tried again. */
export interface RetryPolicy {
  /** Attempts after the first. */
  max: number;
  /** Before the second attempt, in milliseconds. */
  initialMs: number;
  /** What each further wait is multiplied by: 1 waits equally long every time. */
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

/** What a failure of a run means for it and for others. */
export interface RunPolicy {
  retries: RetryPolicy | null;
  /** Its failure counts as none: but for what it would have saved, which nobody gets. */
  allowFailure: boolean;
  runOn: RunOn;
  /** What becomes of the data of attempts that failed, once the session has ended. */
  cleanup: CleanupPolicy;
}

export const DEFAULT_POLICY: Readonly<RunPolicy> = {
  retries: null,
  allowFailure: false,
  runOn: "success",
  cleanup: "keep",
};

/** How many attempts the run may take in all. */
export function countAttempts({ retries }: RunPolicy): number {
  return 1 + (retries?.max ?? 0);
}
