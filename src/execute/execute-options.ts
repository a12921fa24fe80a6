import type { RunEvent } from "../core/event/event.ts";
import type { Clock } from "../core/port/clock.ts";
import type { AttemptResult, ResolvedRun, RunnerTable } from "../core/port/runner.ts";
import type { ExceptionRecord } from "../core/run.ts";
import type { IdSource, SessionId } from "../core/run-id.ts";
import type { Plan } from "../plan/plan.ts";
import type { UpstreamAttempt } from "../resolve/resolve-run.ts";
import type { ExecutionControls } from "./execution-controls.ts";
import type { RestoredSession } from "./restored-session.ts";
import type { ReusePort } from "./reuse.ts";

/** The findings on an attempt that its runner calls a success. */
export interface Verification {
  /** The reason for which the attempt does not count; null if it does. */
  rejection: ExceptionRecord | null;
  /** A clause that says which input may have been another one while the run read it; null if none. The attempt counts. */
  doubt: string | null;
}

export const VERIFIED: Verification = { rejection: null, doubt: null };

/** The findings on an attempt that does not count. */
export function reject(rejection: ExceptionRecord): Verification {
  return { rejection, doubt: null };
}

export interface ExecuteOptions {
  plan: Plan;
  sessionId: SessionId;
  clock: Clock;
  ids: IdSource;
  runners: RunnerTable;
  maxParallel: number;
  /** Runs of the session as far as is known; default: those of the plan. */
  totalRuns?: number;
  /** State of this plan that another process left. */
  restored?: RestoredSession | undefined;
  /** Succeeded attempts of the session from before. */
  upstream?: Iterable<UpstreamAttempt>;
  /** Stores, then shows. When it throws, the session stops: what can't be recorded may not go on. */
  emit(events: readonly RunEvent[]): void;
  /**
   * Stores, then shows, like `emit`, but in the transaction in which `judge` decides: an earlier result is taken only
   * if its data are not removed in between.
   */
  decide?(judge: () => readonly RunEvent[]): void;
  /** Checks that all data that the run says it saved are there, whole, and that its inputs are as they were. */
  verify(result: AttemptResult, run: ResolvedRun): Promise<Verification>;
  /** Earlier results; without it, every run is executed. */
  reuse?: ReusePort;
  /** Starts no more runs and asks those under way to stop, but for those that run always. */
  interrupt?: AbortSignal;
  /** Kills the runs without asking, and starts no other. */
  kill?: AbortSignal;
  /** Told of what else can be asked of it. The returned function is called when it has ended. */
  onBegin?(controls: ExecutionControls): () => void;
  /** Another process has taken the session over: lets go of everything, and rejects with the signal's reason. */
  lost?: AbortSignal;
  /** Random numbers from 0 to below 1, for the jitter of retries. Default: Math.random. */
  random?: () => number;
}
