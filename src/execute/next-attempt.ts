import type { RunResolved } from "../core/event.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import { resolveRun, type UpstreamAttempt } from "../resolve/resolve-run.ts";
import { rejectionOf } from "./exceptions.ts";
import { beginAttempt, failureOf, type LiveRun } from "./live-run.ts";
import { decideRetry } from "./retry.ts";

interface Context {
  time: string;
  sessionId: SessionId;
  runId: RunId;
  totalRuns: number;
  upstream: ReadonlyMap<string, UpstreamAttempt>;
}

/** Begins the next attempt, the first or a further one: every read of it is settled anew, or it is rejected. */
export function resolveAttempt(live: LiveRun, { time, ...context }: Context): RunResolved {
  const { sessionId, runId } = context;
  beginAttempt(live, runId);
  const attempt = live.attemptNumber;
  const resolution = resolveRun(live.planned, { ...context, attempt });
  if (resolution.ok) live.resolved = resolution.value;
  else live.rejection = rejectionOf(resolution.problems);
  const stamp = { time, session_id: sessionId, run: live.planned.run, run_id: runId, attempt };
  return { type: "run.resolved", ...stamp, pins: live.resolved?.pins ?? [] };
}

/** Whether the attempt that has just failed is followed by another, and when; `refusal` says why nothing may start. */
export function decideNextAttempt(
  live: LiveRun,
  { random, refusal }: { random: () => number; refusal: string | null },
): boolean {
  const exception = failureOf(live);
  if (exception === null) return false;
  const retryInMs = decideRetry(live.planned.policy.retries, { attempt: live.attemptNumber, exception, random });
  if (retryInMs !== null && refusal !== null) live.givenUpBecause = `not tried again: ${refusal}`;
  live.retryInMs = refusal === null ? retryInMs : null;
  return live.retryInMs !== null;
}
