import type { Problem } from "../core/error/problem.ts";
import type { ExceptionRecord } from "../core/run.ts";

/** Returns the reason why a run could not be resolved, as the exception of its record. */
export function rejectionOf(problems: readonly Problem[]): ExceptionRecord {
  const message = problems.map(({ message, hint }) => (hint === null ? message : `${message} (${hint})`)).join("\n");
  return { type: "ResolutionError", message, node: null, traceback: null, cause: null };
}

/** A run that was ended because it took too long; what it said while ending is the cause. */
export function timeoutOf(timeoutMs: number, cause: ExceptionRecord | null): ExceptionRecord {
  const message = `still running after its timeout of ${timeoutMs / 1000} s`;
  return { type: "TimeoutError", message, node: cause?.node ?? null, traceback: null, cause };
}
