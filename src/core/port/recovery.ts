import type { Attempt, AttemptHandlers, ResolvedRun } from "./runner.ts";

/** Type of the failure of an attempt whose orchestrator died, so that nobody knows how it would have ended. */
export const ORCHESTRATOR_DIED = "OrchestratorDied";

/** What is on disk, and alive, of an attempt that another orchestrator began. */
export interface AttemptEvidence {
  /**
   * Whether a process has begun it. `none`: none has. `given-up`: an orchestrator took it so that none ever does. `alive`
   * and `gone`: one has, and that very process still runs, or has ended. `unknown`: one has, and the system does not tell.
   * `lost`: none has by its records, or it was given up, but there are processes of it.
   */
  claim: "none" | "given-up" | "alive" | "gone" | "unknown" | "lost";
  /** When it was begun, in milliseconds since the epoch; null if it was not. */
  startedMs: number | null;
}

/** Finds out what became of attempts whose orchestrator is gone, and goes on with them. */
export interface Recovery {
  /** Changes nothing. */
  inspect(run: ResolvedRun): AttemptEvidence;
  /** Takes an attempt that no process has begun, so that none ever does. False if one was faster. */
  claim(run: ResolvedRun): boolean;
  /**
   * Follows an attempt that was begun to its end, and takes its result. An attempt without a known result was cut off.
   * A lost attempt can't be followed: its processes are ended. Events that it has told already are not told again.
   */
  adopt(run: ResolvedRun, handlers: AttemptHandlers): Attempt;
}
