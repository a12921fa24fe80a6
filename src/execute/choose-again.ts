import { isDone, type RunStatus, TERMINAL_STATUSES } from "../core/run.ts";
import type { PlannedRun } from "../plan/plan.ts";

/** What a session had come to, as far as it decides what is tried again. */
export interface EndedRuns {
  statusOf(run: string): RunStatus;
  /** Whether something is missing or changed of what the run saved. */
  isSpoilt(run: string): boolean;
  /** Whether the session had ended; else it was cut off, and what had failed in it stays so. */
  hasEnded: boolean;
}

/**
 * The runs that a resumed session tries again though they had ended, in plan order. Of a session that had ended: all that had
 * not succeeded. Of any: what succeeded and is spoilt by now, what consumed it, and what runs after others have failed or
 * whatever happened, if that happens again.
 */
export function chooseAgain(runs: readonly PlannedRun[], { statusOf, isSpoilt, hasEnded }: EndedRuns): string[] {
  const again = new Set<string>();
  for (const { run, needs, consumes, policy } of runs) {
    const status = statusOf(run);
    if (!TERMINAL_STATUSES.has(status)) continue;
    const isStale = Object.values(consumes).some((input) => again.has(input.run));
    const isFollowUp = policy.runOn !== "success" && needs.some((need) => again.has(need));
    if (isDone(status) ? isSpoilt(run) || isStale || isFollowUp : hasEnded) again.add(run);
  }
  return [...again];
}
