import type { Attempt, AttemptHandlers, ResolvedRun } from "./runner.ts";

/** Type of the failure of an attempt whose orchestrator died, so that its end is unknown. */
export const ORCHESTRATOR_DIED = "OrchestratorDied";

/** Files and processes that are left of an attempt which another orchestrator began. */
export interface AttemptEvidence {
  /**
   * The process that began the attempt. `none`: there is none. `given-up`: an orchestrator took the claim so that none
   * ever will. `alive` and `gone`: that very process still runs, or has ended. `unknown`: the system does not tell.
   * `lost`: there is none by the records, or it was given up, but processes of the attempt are alive.
   */
  claim: "none" | "given-up" | "alive" | "gone" | "unknown" | "lost";
  /** Time of the attempt's start, in milliseconds since the epoch; null if it was not started. */
  startedMs: number | null;
}

/** Finds out what became of attempts whose orchestrator is gone, and goes on with them. */
export interface Recovery {
  /** Looks at an attempt and changes no file. */
  inspect(run: ResolvedRun): AttemptEvidence;
  /** Takes an attempt that no process has begun, so that none ever does. False if one was faster. */
  claim(run: ResolvedRun): boolean;
  /**
   * Follows an attempt that was begun to its end, and takes its result. An attempt without a known result was cut off.
   * A lost attempt can't be followed: its processes are ended. Events that it has told already are not told again.
   */
  adopt(run: ResolvedRun, handlers: AttemptHandlers): Attempt;
}
