import type { AttemptResult, EarlierAttempts } from "../core/port/runner.ts";
import type { ExceptionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import type { PlannedRun } from "../plan/plan.ts";

export const NONE_EARLIER: Readonly<EarlierAttempts> = { run_ids: [], trusting: true };
/** Exception of a worker whose repeated data differ from those that its taken over results were made of. */
export const DIVERGED = "ResumeDiverged";

/** A run whose next attempt begins. */
interface TriedRun {
  planned: Pick<PlannedRun, "policy">;
  /** Id of the last attempt; null before the first. */
  runId: RunId | null;
  earlier: EarlierAttempts;
  /** Result of the last attempt, if it ended in this process. */
  result: Pick<AttemptResult, "exception"> | null;
  rejection: ExceptionRecord | null;
  isCutOff: boolean;
}

/**
 * Lists the attempts on which the next one may build. Attempts that were cut off count. A failed attempt may have
 * failed because of its data, so a retry begins afresh, unless the policy says otherwise; a session that people resume
 * goes on.
 */
export function listEarlier(tried: TriedRun): EarlierAttempts {
  const { runId, earlier, isCutOff, result, rejection, planned } = tried;
  if (runId === null) return earlier;
  const hasFailedHere = (result !== null || rejection !== null) && !isCutOff;
  if (hasFailedHere && !planned.policy.retries?.resume) return NONE_EARLIER;
  const hasDiverged = result?.exception?.type === DIVERGED;
  const run_ids = [runId, ...earlier.run_ids.filter((id) => id !== runId)];
  return { run_ids, trusting: earlier.trusting && !hasDiverged };
}
