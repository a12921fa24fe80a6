import type { RunFailure } from "../../core/error/run-failure.ts";
import type { RunHead } from "../../core/port/registry.ts";
import type { SessionRecord } from "../../core/run.ts";
import type { PublishTarget } from "../../plan/plan.ts";
import type { StateLocation } from "../locate-state.ts";
import type { TaintedAgain } from "./warn-tainted.ts";

/** A dataset that could not be put where the project's own catalog would have put it. */
export interface PublishFault {
  target: PublishTarget;
  message: string;
}

/** How a session ended. */
export interface SessionResult {
  record: SessionRecord;
  publishFaults: PublishFault[];
  /** Data that could not be cleaned up. */
  cleanUpFaults: string[];
  /** Failures of hooks after the last run. */
  hookFaults: string[];
}

/** End of a session, with the facts that people look at first if it failed. */
export interface EndedSession extends SessionResult {
  failures: RunFailure[];
  /** Runs that have made tainted content again. */
  tainted: TaintedAgain[];
  state: StateLocation;
  /** Attempts of other sessions whose versions were read. */
  writers: RunHead[];
}
