import type { CacheMiss } from "../core/event/event.ts";
import type { AttemptResult, EarlierAttempts, ResolvedRun } from "../core/port/runner.ts";
import type { ExceptionRecord, SkipReason } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import type { PlannedRun } from "../plan/plan.ts";
import { listEarlier, NONE_EARLIER } from "./earlier-attempts.ts";
import { timeoutOf } from "./exceptions.ts";
import type { AttemptHistory } from "./restored-session.ts";
import type { CacheDecision } from "./reuse.ts";
import {
  initialRun,
  type MachineEffect,
  type MachineEvent,
  type RunSnapshot,
  stateOf,
  stepRun,
} from "./run-machine.ts";

/** Reason why a run never started. */
export interface Skip {
  chain: SkipReason[];
  reason: string;
}

/** An attempt whose reads are settled. */
export interface Settled {
  resolved: ResolvedRun;
  /** Reason why the run is executed though its result might have been reused. */
  cache: CacheMiss | null;
}

/** An attempt that is over, or that never was one; the run may have another. */
export interface Ended {
  readonly stage: "ended";
  /** Null if its reads could not be settled. */
  readonly settled: Settled | null;
  /** Result of the runner; null if there is none. */
  readonly result: AttemptResult | null;
  /** Failure without, or in spite of, the runner's result. */
  readonly rejection: ExceptionRecord | null;
  /** True if the attempt's own end is unknown: another one follows. */
  readonly isCutOff: boolean;
  /** Change during the attempt that makes its fingerprint worthless. */
  readonly fingerprintVoid: string | null;
  /** The wait before the next attempt, in milliseconds; null if there is none. */
  readonly retryInMs: number | null;
  /** Reason why there is no further attempt though there could have been one. */
  readonly givenUpBecause: string | null;
}

/** An earlier attempt whose result stands for the run's. */
export type Reused = CacheDecision & { type: "reuse" };

/** The stage that a run's attempt is in: each knows what is known by then, and no more. */
export type Stage =
  /** No attempt has begun in this process. */
  | { readonly stage: "waiting" }
  | { readonly stage: "queued"; readonly settled: Settled }
  | { readonly stage: "running"; readonly settled: Settled; readonly hasTimedOut: boolean }
  | { readonly stage: "reused"; readonly reused: Reused }
  | Ended;

/** Id of an attempt, and facts of those before it. */
export interface Begun {
  /** Number of the attempt, from 1. */
  readonly attemptNumber: number;
  readonly runId: RunId | null;
  /** Attempts before this one whose results it may take over. */
  readonly earlier: EarlierAttempts;
  /** The failure of the attempt before; null if there was none. */
  readonly lastFailure: ExceptionRecord | null;
}

/** A run between its first step and its end. It never changes: each step makes another one. */
export interface LiveRun extends Begun {
  readonly planned: PlannedRun;
  readonly snapshot: RunSnapshot;
  /** Attempts that use up none of its retries: those from before the session was resumed, and those that were cut off. */
  readonly freeAttempts: number;
  readonly stage: Stage;
}

/** A step of a run: the machine decides by its type, and the next stage is made of what it brings. */
export type RunStep = { type: Exclude<MachineEvent["type"], SteppedWith["type"]> } | SteppedWith;

type SteppedWith =
  | { type: "restored"; settled: Settled | null; rejection: ExceptionRecord | null }
  | { type: "resolved"; begun: Begun; settled: Settled }
  | { type: "rejected"; begun: Begun; rejection: ExceptionRecord }
  | { type: "reused"; begun: Begun; reused: Reused }
  | { type: "finished" | "committed" | "broken" | "refused" | "faltered"; ended: Ended }
  | { type: "givenUp"; reason: string };

/** The runs between their first step and their end. Only its steps change them. */
export class LiveRuns {
  readonly #runs = new Map<string, LiveRun>();

  get size(): number {
    return this.#runs.size;
  }

  get(run: string): LiveRun | undefined {
    return this.#runs.get(run);
  }

  values(): IteratorObject<LiveRun> {
    return this.#runs.values();
  }

  /** Brings a run to life, after the attempts that another process made of it. */
  add(planned: PlannedRun, history?: AttemptHistory): LiveRun {
    const { count = 0, last = null, earlier = NONE_EARLIER } = history ?? {};
    const before = { attemptNumber: count, freeAttempts: count, runId: last?.run_id ?? null, earlier };
    const lastFailure = last?.exception ?? null;
    const live: LiveRun = { planned, snapshot: initialRun(), ...before, lastFailure, stage: { stage: "waiting" } };
    this.#runs.set(planned.run, live);
    return live;
  }

  /** Takes a step and returns the effects that are due. A step that the run's state does not know changes no state. */
  step(run: string, step: RunStep): readonly MachineEffect[] {
    const live = this.#runs.get(run);
    if (live === undefined) return [];
    const { snapshot, effects } = stepRun(live.snapshot, step);
    const isKnown = effects.length > 0 || stateOf(snapshot) !== stateOf(live.snapshot);
    if (isKnown) this.#runs.set(run, { ...live, snapshot, ...change(live, step) });
    return effects;
  }

  delete(run: string): void {
    this.#runs.delete(run);
  }

  clear(): void {
    this.#runs.clear();
  }
}

function change(live: LiveRun, step: RunStep): Partial<LiveRun> {
  const { stage } = live;
  switch (step.type) {
    case "restored": {
      const freeAttempts = live.runId === null ? live.freeAttempts : live.attemptNumber - 1;
      const { settled, rejection } = step;
      return { freeAttempts, stage: settled === null ? { ...neverBegun(null), rejection } : startRunning(settled) };
    }
    case "resolved":
      return { ...step.begun, stage: { stage: "queued", settled: step.settled } };
    case "rejected":
      return { ...step.begun, stage: { ...neverBegun(null), rejection: step.rejection } };
    case "reused":
      return { ...step.begun, stage: { stage: "reused", reused: step.reused } };
    case "admitted":
      return stage.stage === "queued" ? { stage: startRunning(stage.settled) } : {};
    case "timedOut":
      return stage.stage === "running" ? { stage: { ...stage, hasTimedOut: true } } : {};
    case "finished":
    case "committed":
      return { stage: step.ended };
    case "broken":
    case "refused":
    case "faltered":
      return { stage: step.ended, freeAttempts: countFree(live, step.ended) };
    case "givenUp":
      return { stage: { ...endOf(live), givenUpBecause: step.reason } };
    default:
      return {};
  }
}

function startRunning(settled: Settled): Stage {
  return { stage: "running", settled, hasTimedOut: false };
}

function neverBegun(settled: Settled | null): Ended {
  const nothing = { result: null, rejection: null, isCutOff: false, fingerprintVoid: null };
  return { stage: "ended", settled, ...nothing, retryInMs: null, givenUpBecause: null };
}

/** Returns the end of a run's last attempt as far as it is known: only its reads while it has not ended. */
export function endOf({ stage }: LiveRun): Ended {
  switch (stage.stage) {
    case "waiting":
    case "reused":
      return neverBegun(null);
    case "queued":
    case "running":
      return neverBegun(stage.settled);
    case "ended":
      return stage;
    default:
      return stage satisfies never;
  }
}

/** The attempt of a run ends with what its runner tells. */
export function endWith(live: LiveRun, result: AttemptResult): Ended {
  const { timeoutMs } = live.planned;
  const hasTimedOut = live.stage.stage === "running" && live.stage.hasTimedOut;
  const rejection = hasTimedOut && timeoutMs !== null ? timeoutOf(timeoutMs, result.exception) : null;
  return { ...endOf(live), result, rejection, isCutOff: result.cutOff ?? false };
}

/** A further attempt of a run, the first one or another. */
export function beginAttempt(live: LiveRun, runId: RunId): Begun {
  return {
    attemptNumber: live.attemptNumber + 1,
    runId,
    earlier: listEarlier({ ...live, ...endOf(live) }),
    lastFailure: failureOf(live),
  };
}

/** The failure of an attempt; if it never started, that of the one before. */
export function failureOf(live: LiveRun, { rejection, result } = endOf(live)): ExceptionRecord | null {
  return rejection ?? result?.exception ?? live.lastFailure;
}

/** The attempts of a run that use up no retry, once one more has ended. */
export function countFree({ freeAttempts }: LiveRun, { isCutOff }: Ended): number {
  return freeAttempts + Number(isCutOff);
}
