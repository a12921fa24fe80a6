import type { ReplayOrigin } from "../run.ts";
import type { RunId } from "../run-id.ts";

/** What would become of one run. */
export interface ReplayedRun {
  run: string;
  /** `compare`: linked if what it reads comes out equal, else executed. */
  action: "link" | "compare" | "run";
  /** What it came to in the session that is replayed; null if to nothing. */
  run_id: RunId | null;
  /** Why, as a clause for people. */
  reason: string;
  /** What it takes by the median of earlier sessions, in milliseconds; null for what is linked, and what never succeeded. */
  duration_ms: number | null;
}

/** What a replay would do. `replay --dry-run --json` prints it. */
export interface ReplayPreview {
  replay_of: ReplayOrigin;
  workflow: string;
  /** In an order that can be executed. */
  runs: ReplayedRun[];
  /** How long it would take by earlier sessions, in milliseconds: if all that is compared is linked, and if nothing of it is. */
  least_ms: number;
  most_ms: number;
  /** Runs that never succeeded; each is taken for `assumed_ms`. */
  unknown_durations: string[];
  assumed_ms: number;
}
