import { formatTime } from "../core/clock.ts";
import type { RunEvent } from "../core/event.ts";
import type { Attempt, AttemptHandlers, ResolvedRun } from "../core/runner.ts";
import { timeoutOf } from "./exceptions.ts";
import type { ExecuteOptions } from "./execute-options.ts";
import type { LiveRun } from "./live-run.ts";
import { stampSignal, startAttempt } from "./run-attempt.ts";
import type { MachineEvent } from "./run-machine.ts";

/** How long an interrupted run may take to end by itself, in milliseconds. */
const GRACE_MS = 10_000;

/** What an attempt's driver asks of the loop. */
export interface Loop {
  /** A step of the run is due. */
  send(run: string, event: MachineEvent): void;
  /** Something happened; with `later`, it waits for the next step. */
  say(event: RunEvent, later?: "later"): void;
  /** Whether the attempt that has just failed is followed by another. */
  mayFalter(live: LiveRun): boolean;
}

/** Acts on the attempt that one run is in: starts it, watches it, commits what it came to. */
export class AttemptDriver {
  readonly #options: ExecuteOptions;
  readonly #loop: Loop;

  constructor(options: ExecuteOptions, loop: Loop) {
    this.#options = options;
    this.#loop = loop;
  }

  start(live: LiveRun): void {
    const { resolved } = live;
    if (resolved === null) throw new Error(`${live.planned.run} was admitted before it was resolved`);
    const handlers = this.#handlersOf(resolved);
    this.#follow(live, startAttempt(this.#options.runners, resolved, handlers));
  }

  async commit(live: LiveRun): Promise<void> {
    const { result } = live;
    live.rejection = result === null ? null : await this.#options.verify(result);
    const { reuse } = this.#options;
    if (reuse !== undefined && live.cache?.fingerprint != null) {
      live.fingerprintVoid = await reuse.findChanged(live.planned);
    }
    const failed = () => (this.#loop.mayFalter(live) ? "faltered" : "refused");
    this.#loop.send(live.planned.run, { type: live.rejection === null ? "committed" : failed() });
  }

  watchTimeout(live: LiveRun): void {
    this.#watch(live, live.planned.timeoutMs, "timedOut");
  }

  watchGrace(live: LiveRun): void {
    this.#watch(live, GRACE_MS, "graceOver");
  }

  #handlersOf(resolved: ResolvedRun): AttemptHandlers {
    const { run, run_id, attempt, session_id } = resolved;
    return {
      onStarted: ({ pid, log }) => {
        const stamp = { time: this.#time(), session_id, run, run_id, attempt };
        this.#loop.say({ type: "run.started", ...stamp, pid, log }, "later");
        this.#loop.send(run, { type: "started" });
      },
      onSignal: (signal) => this.#loop.say(stampSignal(resolved, signal, this.#time())),
    };
  }

  #follow(live: LiveRun, attempt: Attempt): void {
    live.attempt = attempt;
    void attempt.result.then((result) => {
      live.result = result;
      live.dropTimer();
      if (live.timedOutAfterMs !== null) live.rejection = timeoutOf(live.timedOutAfterMs, result.exception);
      const failed = () => (this.#loop.mayFalter(live) ? "faltered" : "broken");
      this.#loop.send(live.planned.run, { type: result.exception === null ? "finished" : failed() });
    });
  }

  #watch(live: LiveRun, delayMs: number | null, type: "timedOut" | "graceOver"): void {
    live.dropTimer();
    if (delayMs === null) return;
    live.dropTimer = this.#options.clock.after(delayMs, () => {
      if (type === "timedOut") live.timedOutAfterMs = delayMs;
      this.#loop.send(live.planned.run, { type });
    });
  }

  #time(): string {
    return formatTime(this.#options.clock.now());
  }
}
