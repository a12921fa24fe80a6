import { formatTime } from "../core/clock.ts";
import type { RunEvent } from "../core/event.ts";
import type { Attempt, AttemptHandlers, ResolvedRun } from "../core/runner.ts";
import { timeoutOf } from "./exceptions.ts";
import { type ExecuteOptions, VERIFIED } from "./execute-options.ts";
import { failureEvent, type LiveRun } from "./live-run.ts";
import { decideReconciliation, neverStarted } from "./reconcile.ts";
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

  /** Finds out what became of an attempt that another process began. */
  reconcile(live: LiveRun): void {
    const { resolved } = live;
    const { restored } = this.#options;
    if (restored === undefined) throw new Error(`${live.planned.run} was restored, but nothing of its session`);
    if (resolved === null) {
      this.#cutOff(live);
      return;
    }
    const { recovery, endsLive } = restored;
    const evidence = recovery.inspect(resolved);
    live.startedMs = evidence.startedMs;
    const decision = decideReconciliation(evidence, { endsLive });
    if (decision === "claim" && !recovery.claim(resolved)) this.reconcile(live);
    else if (decision === "claim" || decision === "forget") this.#cutOff(live);
    else {
      const isOnRecord = restored.attempts.get(live.planned.run)?.last?.status === "running";
      this.#follow(live, recovery.adopt(resolved, this.#handlersOf(resolved, isOnRecord)));
      if (decision === "end") live.attempt?.stop("kill");
    }
  }

  async commit(live: LiveRun): Promise<void> {
    const { result, resolved } = live;
    const { reuse, verify } = this.#options;
    const { rejection, doubt } = result === null || resolved === null ? VERIFIED : await verify(result, resolved);
    live.rejection = rejection;
    // An attempt that another process began has its fingerprint on record, and no decision of ours.
    if (reuse !== undefined && live.planned.work !== null && live.cache?.fingerprint !== null) {
      live.fingerprintVoid = doubt ?? (await reuse.findChanged(live.planned));
    }
    const failed = () => (this.#loop.mayFalter(live) ? "faltered" : "refused");
    this.#loop.send(live.planned.run, { type: live.rejection === null ? "committed" : failed() });
  }

  /** The attempt is over and on record; nothing is left of it but the number of the next one. */
  awaitRetry(live: LiveRun): void {
    const { clock, sessionId } = this.#options;
    const { planned, runId, retryInMs } = live;
    if (runId === null || retryInMs === null) throw new Error(`${planned.run} waits for an attempt that is not to be`);
    const nowMs = clock.now();
    const willRetryAt = formatTime(nowMs + retryInMs);
    this.#loop.say(failureEvent(live, runId, { time: formatTime(nowMs), sessionId, willRetryAt }), "later");
    live.attempt = null;
    live.dropTimer = clock.after(retryInMs, () => this.#loop.send(planned.run, { type: "due" }));
  }

  watchTimeout(live: LiveRun): void {
    const { timeoutMs } = live.planned;
    const goneMs = live.startedMs === null ? 0 : Math.max(0, this.#options.clock.now() - live.startedMs);
    this.#watch(live, timeoutMs === null ? null : Math.max(0, timeoutMs - goneMs), "timedOut");
  }

  watchGrace(live: LiveRun): void {
    this.#watch(live, GRACE_MS, "graceOver");
  }

  /** Nothing of the attempt ever ran, and nothing ever will. */
  #cutOff(live: LiveRun): void {
    live.rejection ??= neverStarted(live.planned.run);
    live.isCutOff = true;
    this.#loop.send(live.planned.run, { type: this.#loop.mayFalter(live) ? "faltered" : "broken" });
  }

  #handlersOf(resolved: ResolvedRun, isOnRecord = false): AttemptHandlers {
    const { run, run_id, attempt, session_id } = resolved;
    return {
      onStarted: ({ pid, log }) => {
        const stamp = { time: this.#time(), session_id, run, run_id, attempt };
        if (!isOnRecord) this.#loop.say({ type: "run.started", ...stamp, pid, log }, "later");
        this.#loop.send(run, { type: "started" });
      },
      onSignal: (signal) => this.#loop.say(stampSignal(resolved, signal, this.#time())),
    };
  }

  #follow(live: LiveRun, attempt: Attempt): void {
    live.attempt = attempt;
    void attempt.result.then((result) => {
      live.result = result;
      live.isCutOff = result.cutOff ?? false;
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
      if (type === "timedOut") live.timedOutAfterMs = live.planned.timeoutMs;
      this.#loop.send(live.planned.run, { type });
    });
  }

  #time(): string {
    return formatTime(this.#options.clock.now());
  }
}
