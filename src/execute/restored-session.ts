import type { RunOutcome } from "../core/event/event.ts";
import type { Recovery } from "../core/port/recovery.ts";
import type { AttemptSummary } from "../core/port/registry.ts";
import type { EarlierAttempts } from "../core/port/runner.ts";

/** The attempts that a run has behind it. */
export interface AttemptHistory {
  count: number;
  /** The run's own; null if the run was skipped since. */
  last: AttemptSummary | null;
  /** Attempts on which the next one may build, the last one included; default: none. */
  earlier?: EarlierAttempts;
}

/** State of a session when another process stopped running it. */
export interface RestoredSession {
  /** Runs that have ended, and stay so, in plan order. */
  outcomes: readonly RunOutcome[];
  /** Attempts by run; runs that have ended are left out. */
  attempts: ReadonlyMap<string, AttemptHistory>;
  /** Runs whose last attempt has no end on record. */
  open: ReadonlySet<string>;
  recovery: Recovery;
  /** Ends live processes instead of waiting for them. */
  endsLive: boolean;
}
