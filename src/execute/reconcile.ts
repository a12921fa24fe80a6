import { type AttemptEvidence, ORCHESTRATOR_DIED } from "../core/port/recovery.ts";
import type { ExceptionRecord } from "../core/run.ts";

/** Decision on an attempt whose orchestrator is gone. */
export type Reconciliation =
  /** Take it, so that no process begins it any more; then there is a new one. */
  | "claim"
  /** It was taken before, and nothing of it ever ran: there is a new one. */
  | "forget"
  /** Wait for its end, which may have come already, and take its result; if it has none, there is a new one. */
  | "follow"
  /** End its processes first. */
  | "end";

/**
 * Decides by what is on disk and alive; with `endsLive`, live processes are ended and not waited for. Who has claimed an
 * attempt decides about it, so one is only ever given up under a claim of ours.
 */
export function decideReconciliation({ claim }: AttemptEvidence, { endsLive }: { endsLive: boolean }): Reconciliation {
  switch (claim) {
    case "none":
      return "claim";
    case "given-up":
      return "forget";
    case "alive":
      return endsLive ? "end" : "follow";
    case "gone":
    // A process that can't be told from another one is not signalled.
    case "unknown":
    // The result and the first process are unknown: all processes of the attempt are ended in any case.
    case "lost":
      return "follow";
    default:
      return claim satisfies never;
  }
}

/** Reason why an attempt that never had a process is over. */
export function neverStarted(run: string): ExceptionRecord {
  const message = `the orchestrator was killed before ${run} had started`;
  return { type: ORCHESTRATOR_DIED, message, node: null, traceback: null, cause: null };
}
