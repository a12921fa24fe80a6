import type { CacheMiss, RunResolved } from "../core/event/event.ts";
import type { ResolvedRun } from "../core/port/runner.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import { listPins } from "../resolve/list-pins.ts";
import { resolveRun, type UpstreamAttempt } from "../resolve/resolve-run.ts";
import { rejectionOf } from "./exceptions.ts";
import { type Begun, beginAttempt, countFree, type Ended, failureOf, type LiveRun, type RunStep } from "./live-run.ts";
import { decideRetry } from "./retry.ts";
import { type CacheDecision, decideLink, decideReuse, type ReusePort, refuseMiss } from "./reuse.ts";

export interface AttemptContext {
  time: string;
  sessionId: SessionId;
  runId: RunId;
  totalRuns: number;
  upstream: ReadonlyMap<string, UpstreamAttempt>;
  reuse: ReusePort | undefined;
}

/** The next attempt of a run: the step that it takes, and what is on record of it; null for a result that is known. */
export interface NextAttempt {
  step: RunStep;
  event: RunResolved | null;
}

/** Begins the next attempt, the first or a further one: every read of it is settled anew, or it is rejected. */
export function resolveAttempt(live: LiveRun, { time, reuse, ...context }: AttemptContext): NextAttempt {
  const { sessionId, runId } = context;
  const begun = beginAttempt(live, runId);
  const { attemptNumber: attempt, earlier } = begun;
  const resumes = earlier.run_ids.length === 0 ? null : earlier;
  const stamp = { time, session_id: sessionId, run: live.planned.run, run_id: runId, attempt };
  const resolution = resolveRun(live.planned, { ...context, attempt, resumes });
  if (!resolution.ok) {
    const step = { type: "rejected", begun, rejection: rejectionOf(resolution.problems) } as const;
    return { step, event: { type: "run.resolved", ...stamp, pins: [] } };
  }
  const resolved = resolution.value;
  const decision = consultPast(live.planned, resolved, { isFirst: attempt === 1, port: reuse, ...context });
  if (decision?.type === "reuse") return { step: { type: "reused", begun, reused: decision }, event: null };
  const cache = decision?.cache ?? null;
  const step = admit(live, { begun, resolved, cache });
  const pins = step.type === "rejected" ? [] : listPins(resolved.reads);
  return { step, event: { type: "run.resolved", ...stamp, pins, ...(cache === null ? {} : { cache }) } };
}

/** Rejects a run that is only ever to be reused. */
function admit(
  { planned }: LiveRun,
  { begun, resolved, cache }: { begun: Begun; resolved: ResolvedRun; cache: CacheMiss | null },
): RunStep {
  if (cache !== null && planned.work?.mode === "only") return { type: "rejected", begun, rejection: refuseMiss(cache) };
  return { type: "resolved", begun, settled: { resolved, cache } };
}

interface Past {
  isFirst: boolean;
  upstream: ReadonlyMap<string, UpstreamAttempt>;
  port: ReusePort | undefined;
}

/** The session that is replayed knows first; then the cache is asked, if it may be. */
function consultPast(planned: LiveRun["planned"], resolved: ResolvedRun, past: Past): CacheDecision | null {
  const { isFirst, upstream, port } = past;
  const linked = decideLink(planned, { resolved, isFirst, upstream, port });
  const cached =
    linked?.type === "reuse" ? null : decideReuse(planned, { resolved, isFirst, port, why: linked?.cache.reason });
  return cached ?? linked;
}

/** The attempt that another process began, as that settled it: its upstream runs have succeeded, and their versions stay. */
export function restoreAttempt(live: LiveRun, context: AttemptContext | null): RunStep {
  if (context === null) return { type: "restored", settled: null, rejection: null };
  const { time: _, reuse: __, ...about } = context;
  const resolution = resolveRun(live.planned, { ...about, attempt: live.attemptNumber });
  return resolution.ok
    ? { type: "restored", settled: { resolved: resolution.value, cache: null }, rejection: null }
    : { type: "restored", settled: null, rejection: rejectionOf(resolution.problems) };
}

/**
 * Returns the step for a failed attempt: another one, with its time, or the end, as `type` says. `refusal` is the
 * reason why no run may start.
 */
export function judgeFailure(
  live: LiveRun,
  { ended, type }: { ended: Ended; type: "broken" | "refused" },
  { random, refusal }: { random: () => number; refusal: string | null },
): RunStep {
  const exception = failureOf(live, ended);
  if (exception === null) return { type, ended };
  const attempt = live.attemptNumber - countFree(live, ended);
  const retryInMs = ended.isCutOff ? 0 : decideRetry(live.planned.policy.retries, { attempt, exception, random });
  if (retryInMs === null) return { type, ended };
  if (refusal === null) return { type: "faltered", ended: { ...ended, retryInMs } };
  return { type, ended: { ...ended, givenUpBecause: `not tried again: ${refusal}` } };
}
