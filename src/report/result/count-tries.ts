import type { RunRecord } from "../../core/run.ts";

/** Counts the tries of a run up to an attempt, and how many there may be: an attempt that never had a process was none. */
export function countTries({
  attempt,
  max_attempts,
  unstarted_attempts = 0,
}: Pick<RunRecord, "attempt" | "max_attempts" | "unstarted_attempts">): { tries: number; most: number } {
  return { tries: attempt - unstarted_attempts, most: max_attempts - unstarted_attempts };
}
