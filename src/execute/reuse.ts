import type { CacheMiss } from "../core/event/event.ts";
import type { Fingerprint } from "../core/fingerprint.ts";
import type { ResolvedRun } from "../core/port/runner.ts";
import type { ExceptionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import type { PlannedRun } from "../plan/plan.ts";
import { decideReplay, type ReplayReads } from "../resolve/decide-replay.ts";
import { type Digest, fingerprintRun } from "../resolve/fingerprint.ts";
import type { UpstreamAttempt } from "../resolve/resolve-run.ts";

/** A succeeded attempt of this session or an earlier one, whose result a run reuses. */
export interface EarlierAttempt extends UpstreamAttempt {
  load_versions: Record<string, string>;
  end_time: string | null;
}

/** Earlier results. */
export interface ReusePort {
  digest: Digest;
  /** The newest succeeded attempt with this fingerprint whose versions are all still there; null if there is none. */
  find(planned: PlannedRun, fingerprint: Fingerprint): EarlierAttempt | null;
  /** Returns the reason why there is no earlier result, as a clause for people. */
  explainMiss(planned: PlannedRun, fingerprint: Fingerprint): string;
  /** A succeeded attempt of the session that is replayed, and what of it is not there any more, null if all is. */
  recall(planned: PlannedRun, runId: RunId): { attempt: EarlierAttempt; lost: string | null } | null;
  /**
   * Finds, after a success, a file that changed since the run was fingerprinted, as a clause; null if there is none.
   */
  findChanged(planned: PlannedRun): Promise<string | null>;
}

export type CacheDecision =
  /** Fingerprint; null in a replay of a run without one. */
  | { type: "reuse"; attempt: EarlierAttempt; fingerprint: string | null; reason: string }
  | { type: "execute"; cache: CacheMiss };

interface ReuseQuestion {
  resolved: ResolvedRun;
  isFirst: boolean;
  port: ReusePort | undefined;
  /** Reason why the run is to be executed afresh; default: a user asked for it. */
  why?: string | undefined;
}

/** Decides whether a run whose reads are settled is executed. Null if its result is never to be reused. */
export function decideReuse(
  planned: PlannedRun,
  { resolved, isFirst, port, why = "asked for with --fresh" }: ReuseQuestion,
): CacheDecision | null {
  const { work } = planned;
  if (work === null || port === undefined) return null;
  const { ok, ...found } = fingerprintRun(work, resolved, port.digest);
  const failed = isFirst ? null : "its last attempt failed";
  // An obstacle is as it was when the plan was made, and may be gone at a later attempt.
  if (!("fingerprint" in found))
    return { type: "execute", cache: { fingerprint: null, reason: failed ?? found.reason } };
  const { fingerprint } = found;
  const refusal = work.fresh ? why : failed;
  if (refusal !== null) return { type: "execute", cache: { fingerprint, reason: refusal } };
  const attempt = port.find(planned, fingerprint);
  if (attempt === null) {
    return { type: "execute", cache: { fingerprint, reason: port.explainMiss(planned, fingerprint) } };
  }
  const when = attempt.end_time === null ? "" : `, which succeeded at ${attempt.end_time}`;
  const reason = `unchanged since ${attempt.run_id}${when}`;
  return { type: "reuse", attempt, fingerprint: fingerprint.digest, reason };
}

/**
 * Decides whether a run of a replay is executed, even if its result may not be reused otherwise. Null if the session is
 * no replay, or the run was begun in it before.
 */
export function decideLink(
  planned: PlannedRun,
  { port, isFirst, ...reads }: Omit<ReplayReads, "digest"> & { isFirst: boolean; port: ReusePort | undefined },
): CacheDecision | null {
  const { replay } = planned;
  if (replay === undefined || port === undefined || !isFirst) return null;
  const { isLinked, reason } = decideReplay(replay, { ...reads, digest: port.digest });
  const earlier = isLinked && replay.run_id !== null ? port.recall(planned, replay.run_id) : null;
  if (earlier === null) return { type: "execute", cache: { fingerprint: null, reason } };
  const { attempt, lost } = earlier;
  // Data that no run reads any more may be gone.
  if (lost === null || replay.action === "link") return { type: "reuse", attempt, fingerprint: null, reason };
  return { type: "execute", cache: { fingerprint: null, reason: `${lost} is gone or has changed` } };
}

/** Failure of a run that may not be executed. */
export function refuseMiss({ reason }: CacheMiss): ExceptionRecord {
  const message = `no earlier result can be reused: ${reason}`;
  return { type: "CacheMiss", message, node: null, traceback: null, cause: null };
}
