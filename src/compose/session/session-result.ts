import type { RunFailure } from "../../core/error/run-failure.ts";
import type { SessionRecord } from "../../core/run.ts";
import type { PublishTarget } from "../../plan/plan.ts";
import type { StateLocation } from "../locate-state.ts";

/** A dataset that could not be put where the project's own catalog would have put it. */
export interface PublishFault {
  target: PublishTarget;
  message: string;
}

/** How a session ended. */
export interface SessionResult {
  record: SessionRecord;
  publishFaults: PublishFault[];
  /** What was to be cleaned up and could not be. */
  cleanUpFaults: string[];
  /** What went wrong in hooks after the last run. */
  hookFaults: string[];
}

/** How a session ended, with what one looks at first if it failed. */
export interface EndedSession extends SessionResult {
  failures: RunFailure[];
  state: StateLocation;
}
