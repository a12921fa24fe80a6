import type { RunResolved } from "../core/event.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import type { ResolvedRun } from "../core/runner.ts";
import { resolveRun, type UpstreamAttempt } from "../resolve/resolve-run.ts";
import { rejectionOf } from "./exceptions.ts";
import { beginAttempt, failureOf, type LiveRun } from "./live-run.ts";
import { decideRetry } from "./retry.ts";
import { decideLink, decideReuse, type ReusePort, refuseMiss } from "./reuse.ts";

export interface AttemptContext {
  time: string;
  sessionId: SessionId;
  runId: RunId;
  totalRuns: number;
  upstream: ReadonlyMap<string, UpstreamAttempt>;
  reuse: ReusePort | undefined;
}

/**
 * Begins the next attempt, the first or a further one: every read of it is settled anew, or it is rejected. Null if the run
 * is not executed, since its result is known.
 */
export function resolveAttempt(live: LiveRun, { time, reuse, ...context }: AttemptContext): RunResolved | null {
  const { sessionId, runId } = context;
  beginAttempt(live, runId);
  const attempt = live.attemptNumber;
  const resumes = live.earlier.run_ids.length === 0 ? null : live.earlier;
  const resolution = resolveRun(live.planned, { ...context, attempt, resumes });
  if (resolution.ok) live.resolved = resolution.value;
  else live.rejection = rejectionOf(resolution.problems);
  if (live.resolved !== null) consultPast(live, live.resolved, { ...context, port: reuse });
  if (live.reused !== null) return null;
  const stamp = { time, session_id: sessionId, run: live.planned.run, run_id: runId, attempt };
  const cache = live.cache === null ? {} : { cache: live.cache };
  return { type: "run.resolved", ...stamp, pins: live.resolved?.pins ?? [], ...cache };
}

interface Past {
  upstream: ReadonlyMap<string, UpstreamAttempt>;
  port: ReusePort | undefined;
}

/** The session that is replayed knows first; then the cache is asked, if it may be. */
function consultPast(live: LiveRun, resolved: ResolvedRun, { upstream, port }: Past): void {
  const isFirst = live.attemptNumber === 1;
  const linked = decideLink(live.planned, { resolved, isFirst, upstream, port });
  const cached = linked?.type === "reuse" ? null : decideReuse(live.planned, { resolved, isFirst, port });
  const decision = cached ?? linked;
  if (decision?.type === "reuse") live.reused = decision;
  if (decision?.type !== "execute") return;
  live.cache = decision.cache;
  if (live.planned.work?.mode !== "only") return;
  live.resolved = null;
  live.rejection = refuseMiss(decision.cache);
}

/** The attempt that another process began, as that settled it: its upstream runs have succeeded, and their versions stay. */
export function restoreAttempt(live: LiveRun, { time: _, reuse: __, ...context }: AttemptContext): void {
  live.freeAttempts = live.attemptNumber - 1;
  const resolution = resolveRun(live.planned, { ...context, attempt: live.attemptNumber });
  if (resolution.ok) live.resolved = resolution.value;
  else live.rejection = rejectionOf(resolution.problems);
}

/** Whether the attempt that has just failed is followed by another, and when; `refusal` says why nothing may start. */
export function decideNextAttempt(
  live: LiveRun,
  { random, refusal }: { random: () => number; refusal: string | null },
): boolean {
  const exception = failureOf(live);
  if (exception === null) return false;
  if (live.isCutOff) live.freeAttempts += 1;
  const attempt = live.attemptNumber - live.freeAttempts;
  const retryInMs = live.isCutOff ? 0 : decideRetry(live.planned.policy.retries, { attempt, exception, random });
  if (retryInMs !== null && refusal !== null) live.givenUpBecause = `not tried again: ${refusal}`;
  live.retryInMs = refusal === null ? retryInMs : null;
  return live.retryInMs !== null;
}
