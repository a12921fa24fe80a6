import type { RunStatus } from "../core/run.ts";
import { type ExecutionControls, type RunStop, StopReason } from "./execution-controls.ts";
import type { LiveRuns } from "./live-run.ts";
import type { ScheduleEvent } from "./next-runs.ts";
import type { Step } from "./step-queue.ts";

/** The parts of an execution that those who steer it touch. */
export interface Steered {
  readonly live: LiveRuns;
  /** Null while it has not ended; undefined if the plan has no such run. */
  statusOf(run: string): RunStatus | null | undefined;
  /** Brings a run to life that waits for others. */
  addLive(run: string): unknown;
  dispatch(event: ScheduleEvent): void;
  /** Takes steps, and all that follow from them. */
  take(steps: readonly Step[]): void;
}

/** Control of an execution by people and other processes. */
export class Steering implements ExecutionControls {
  readonly #steered: Steered;
  /** Reasons of runs that were stopped alone. */
  readonly #cancelled = new Map<string, string>();
  readonly #waiting = new Map<string, ((status: RunStatus) => void)[]>();
  /** Reason for all stopped runs that have none of their own. */
  #reason = "interrupted";

  constructor(steered: Steered) {
    this.#steered = steered;
  }

  /** Stops the execution on these signals, until the returned function is called. */
  stopOnSignals(signals: { interrupt?: AbortSignal; kill?: AbortSignal }): () => void {
    const { interrupt, kill } = signals;
    const onInterrupt = () => this.#stop("interrupt", interrupt?.reason);
    const onKill = () => this.#stop("kill", kill?.reason);
    interrupt?.addEventListener("abort", onInterrupt);
    kill?.addEventListener("abort", onKill);
    if (interrupt?.aborted) onInterrupt();
    if (kill?.aborted) onKill();
    return () => {
      interrupt?.removeEventListener("abort", onInterrupt);
      kill?.removeEventListener("abort", onKill);
    };
  }

  pause(): void {
    this.#steered.dispatch({ type: "pause" });
    this.#steered.take([]);
  }

  continue(): void {
    this.#steered.dispatch({ type: "continue" });
    this.#steered.take([]);
  }

  async cancel(run: string, { how, reason }: RunStop): Promise<RunStatus | null> {
    const { live, statusOf, addLive, take } = this.#steered;
    const status = statusOf(run);
    if (status !== null) return status ?? null;
    if (live.get(run) === undefined) addLive(run);
    if (!this.#cancelled.has(run)) this.#cancelled.set(run, reason);
    const ended = new Promise<RunStatus>((resolve) => {
      this.#waiting.set(run, [...(this.#waiting.get(run) ?? []), resolve]);
    });
    take([{ run, step: { type: how === "kill" ? "killed" : "interrupted" } }]);
    return await ended;
  }

  /** Returns the reason why the run was stopped. */
  reasonFor(run: string): string {
    return this.#cancelled.get(run) ?? this.#reason;
  }

  /** Returns the reason why the run was stopped alone; null if it was not. */
  ownReasonFor(run: string): string | null {
    return this.#cancelled.get(run) ?? null;
  }

  /** Tells the end of a run to those who wait for it. */
  announceEnd(run: string, status: RunStatus): void {
    for (const resolve of this.#waiting.get(run) ?? []) resolve(status);
    this.#waiting.delete(run);
  }

  #stop(how: RunStop["how"], reason: unknown): void {
    if (reason instanceof StopReason) this.#reason = reason.message;
    const { live, dispatch, take } = this.#steered;
    dispatch({ type: how });
    const stopped = live.values().filter(({ planned }) => how === "kill" || planned.policy.runOn !== "always");
    const type = how === "kill" ? "killed" : "interrupted";
    take(stopped.map(({ planned }) => ({ run: planned.run, step: { type } as const })).toArray());
  }
}
