import type { ReplayOrigin } from "../run.ts";
import type { RunId } from "../run-id.ts";

/** Prediction for one run of a replay. */
export interface ReplayedRun {
  run: string;
  /** `compare`: linked if what it reads comes out equal, else executed. */
  action: "link" | "compare" | "run";
  /** Attempt of the run in the replayed session; null if there is none. */
  run_id: RunId | null;
  /** Reason, as a clause for people. */
  reason: string;
  /** Median duration in earlier sessions, in milliseconds; null for linked runs, and for runs that never succeeded. */
  duration_ms: number | null;
}

/** Prediction of a replay. `replay --dry-run --json` prints it. */
export interface ReplayPreview {
  replay_of: ReplayOrigin;
  workflow: string;
  /** Runs in an order that can be executed. */
  runs: ReplayedRun[];
  /**
   * Lower bound of the duration by earlier sessions, in milliseconds: every compared run is linked. `most_ms` is the
   * upper bound: none is.
   */
  least_ms: number;
  most_ms: number;
  /** Runs that never succeeded; each is taken for `assumed_ms`. */
  unknown_durations: string[];
  assumed_ms: number;
}
