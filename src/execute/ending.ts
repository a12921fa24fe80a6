import type { SkipReason } from "../core/run.ts";

/** Meaning of a run's end for those that need it; `idle`: it never ran, for another reason than a failure. */
export type Verdict = "done" | "tolerated" | "failed" | "idle";

/** A run that its dependants learn the end of. */
export interface Ending {
  run: string;
  verdict: Verdict;
  /** Causes for its dependants: the run itself first, then the reason for its end. */
  chain: SkipReason[];
}

export function describeSkipped({ run, chain }: { run: string; chain: SkipReason[] }, hasFailed: boolean): Ending {
  return { run, verdict: hasFailed ? "failed" : "idle", chain: lengthenChain({ run, status: "skipped" }, chain) };
}

export function describeCancelled(run: string): Ending {
  return { run, verdict: "idle", chain: [{ run, status: "cancelled" }] };
}

/** A longer chain keeps its beginning and its root: a failure at the head of 100,000 runs would need 5e9 links. */
const CHAIN_LIMIT = 8;

/** The chain of a run that is skipped because of one whose chain this is. */
function lengthenChain(link: SkipReason, chain: SkipReason[]): SkipReason[] {
  if (chain.length < CHAIN_LIMIT) return [link, ...chain];
  return [link, ...chain.slice(0, CHAIN_LIMIT - 2), ...chain.slice(-1)];
}

/** `b was skipped because a failed`. */
export function formatChain(chain: SkipReason[]): string {
  return chain.map(({ run, status }) => `${run} ${status === "failed" ? "" : "was "}${status}`).join(" because ");
}
