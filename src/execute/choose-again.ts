import { isDone, type RunStatus, TERMINAL_STATUSES } from "../core/run.ts";
import { listUpstream } from "../core/select-reads.ts";
import type { PlannedRun } from "../plan/plan.ts";

/** State of a session, as far as it decides which runs are tried again. */
export interface EndedRuns {
  statusOf(run: string): RunStatus;
  /** True if data that the run saved are missing or changed. */
  isSpoilt(run: string): boolean;
  /** True if the session had ended; else it was cut off, and its failed runs stay failed. */
  hasEnded: boolean;
}

/**
 * Chooses ended runs that a resumed session tries again, in plan order. After an ended session: all that had not
 * succeeded. After any: succeeded runs with missing or changed data, the runs that consumed these, and runs that run
 * after failures or at the end, if those happen again.
 */
export function chooseAgain(runs: readonly PlannedRun[], { statusOf, isSpoilt, hasEnded }: EndedRuns): string[] {
  const again = new Set<string>();
  for (const planned of runs) {
    const { run, needs, policy } = planned;
    const status = statusOf(run);
    if (!TERMINAL_STATUSES.has(status)) continue;
    const isStale = listUpstream(planned).some((name) => again.has(name));
    const isFollowUp = policy.runOn !== "success" && needs.some((need) => again.has(need));
    if (isDone(status) ? isSpoilt(run) || isStale || isFollowUp : hasEnded) again.add(run);
  }
  return [...again];
}
