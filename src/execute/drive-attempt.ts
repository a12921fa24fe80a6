import type { RunEvent } from "../core/event/event.ts";
import { formatTime } from "../core/port/clock.ts";
import type { Attempt, AttemptHandlers, AttemptResult, ResolvedRun, Runner } from "../core/port/runner.ts";
import { failureEvent } from "./end-run.ts";
import { type ExecuteOptions, VERIFIED } from "./execute-options.ts";
import { type Ended, endOf, endWith, type LiveRun, type RunStep } from "./live-run.ts";
import { decideReconciliation, neverStarted } from "./reconcile.ts";

/** Time that an interrupted run has to end by itself, in milliseconds. */
const GRACE_MS = 10_000;

/** Requests of an attempt's driver to the loop. */
export interface Loop {
  /** A run as it is now; undefined if it has ended. */
  find(run: string): LiveRun | undefined;
  /** A step of the run is due. */
  send(run: string, step: RunStep): void;
  /** Something happened; with `later`, it waits for the next step. */
  say(event: RunEvent, later?: "later"): void;
  /** An attempt has failed: there is another, or the run ends as `type` says. */
  fail(live: LiveRun, failed: { ended: Ended; type: "broken" | "refused" }): void;
  /** An attempt can't be followed here, as on a full disk: the session ends with the error, and another process may go on. */
  abandon(error: unknown): void;
}

/** The process of an attempt, and the timer of the run. */
interface Watched {
  process: Attempt | null;
  dropTimer: () => void;
  /** Start of the process, if another orchestrator started it; milliseconds since the epoch. */
  startedMs: number | null;
}

/** Acts on the attempts that runs are in: starts, watches and commits them. It alone has their processes and timers. */
export class AttemptDriver {
  readonly #options: ExecuteOptions;
  readonly #loop: Loop;
  readonly #watched = new Map<string, Watched>();

  constructor(options: ExecuteOptions, loop: Loop) {
    this.#options = options;
    this.#loop = loop;
  }

  start(live: LiveRun): void {
    const resolved = endOf(live).settled?.resolved;
    if (resolved === undefined) throw new Error(`${live.planned.run} was admitted before it was resolved`);
    const runner = this.#options.runners[resolved.task.kind] as Runner;
    this.#follow(live, runner.start(resolved, this.#handlersOf(resolved)));
  }

  stop(run: string, how: "interrupt" | "kill"): void {
    this.#watched.get(run)?.process?.stop(how);
  }

  /** True if the run has a process, or had one whose end is not dealt with. */
  hasProcess(run: string): boolean {
    return this.#watched.get(run)?.process != null;
  }

  dropTimer(run: string): void {
    this.#watched.get(run)?.dropTimer();
  }

  /** Forgets the run, whose process has ended. */
  leave(run: string): void {
    this.dropTimer(run);
    this.#watched.delete(run);
  }

  /** Leaves all processes to who has the session now. */
  release(): void {
    for (const { dropTimer, process } of this.#watched.values()) {
      dropTimer();
      process?.release();
    }
    this.#watched.clear();
  }

  /** Finds out what became of an attempt that another process began. */
  reconcile(live: LiveRun): void {
    const { run } = live.planned;
    const resolved = endOf(live).settled?.resolved;
    const { restored } = this.#options;
    if (restored === undefined) throw new Error(`${run} was restored, but nothing of its session`);
    if (resolved === undefined) {
      this.#cutOff(live);
      return;
    }
    const { recovery, endsLive } = restored;
    const evidence = recovery.inspect(resolved);
    const decision = decideReconciliation(evidence, { endsLive });
    if (decision === "claim" && !recovery.claim(resolved)) this.reconcile(live);
    else if (decision === "claim" || decision === "forget") this.#cutOff(live);
    else {
      const isOnRecord = restored.attempts.get(run)?.last?.status === "running";
      const process = recovery.adopt(resolved, this.#handlersOf(resolved, isOnRecord));
      this.#follow(live, process, evidence.startedMs);
      if (decision === "end") process.stop("kill");
    }
  }

  async commit(live: LiveRun): Promise<void> {
    const { planned } = live;
    const { reuse, verify } = this.#options;
    const end = endOf(live);
    const { result, settled } = end;
    const { rejection, doubt } =
      result === null || settled === null ? VERIFIED : await verify(result, settled.resolved);
    // An attempt that another process began has its fingerprint on record, and no decision of ours.
    const isFingerprinted = reuse !== undefined && planned.work !== null && settled?.cache?.fingerprint !== null;
    const fingerprintVoid = isFingerprinted ? (doubt ?? (await reuse.findChanged(planned))) : null;
    const ended = { ...end, rejection, fingerprintVoid };
    if (rejection === null) this.#loop.send(planned.run, { type: "committed", ended });
    else this.#loop.fail(live, { ended, type: "refused" });
  }

  /** Waits for the next attempt: this one is over and on record. */
  awaitRetry(live: LiveRun): void {
    const { clock, sessionId } = this.#options;
    const { planned, runId } = live;
    const { retryInMs } = endOf(live);
    if (runId === null || retryInMs === null) throw new Error(`${planned.run} waits for an attempt that is not to be`);
    const nowMs = clock.now();
    const willRetryAt = formatTime(nowMs + retryInMs);
    this.#loop.say(failureEvent(live, runId, { time: formatTime(nowMs), sessionId, willRetryAt }), "later");
    this.leave(planned.run);
    this.#watch(planned.run, retryInMs, "due");
  }

  watchTimeout(live: LiveRun): void {
    const { run, timeoutMs } = live.planned;
    const startedMs = this.#watched.get(run)?.startedMs ?? null;
    const goneMs = startedMs === null ? 0 : Math.max(0, this.#options.clock.now() - startedMs);
    this.#watch(run, timeoutMs === null ? null : Math.max(0, timeoutMs - goneMs), "timedOut");
  }

  watchGrace(live: LiveRun): void {
    this.#watch(live.planned.run, GRACE_MS, "graceOver");
  }

  /** No process of the attempt ever ran, and none ever will. */
  #cutOff(live: LiveRun): void {
    const end = endOf(live);
    const rejection = end.rejection ?? neverStarted(live.planned.run);
    this.#loop.fail(live, { ended: { ...end, rejection, isCutOff: true }, type: "broken" });
  }

  #handlersOf(resolved: ResolvedRun, isOnRecord = false): AttemptHandlers {
    const { run, run_id, attempt, session_id } = resolved;
    return {
      onStarted: ({ pid, log }) => {
        const stamp = { time: this.#time(), session_id, run, run_id, attempt };
        if (!isOnRecord) this.#loop.say({ type: "run.started", ...stamp, pid, log }, "later");
        this.#loop.send(run, { type: "started" });
      },
      onSignal: (signal) => {
        const stamp = { time: this.#time(), ...signal, session_id, run, run_id, attempt };
        this.#loop.say(stamp as RunEvent);
      },
    };
  }

  #follow({ planned: { run } }: LiveRun, process: Attempt, startedMs: number | null = null): void {
    // A run that was stopped before its process began has a timer already.
    const { dropTimer = () => {} } = this.#watched.get(run) ?? {};
    this.#watched.set(run, { process, dropTimer, startedMs });
    const onEnd = (result: AttemptResult) => {
      const live = this.#loop.find(run);
      if (live === undefined) return;
      this.dropTimer(run);
      const ended = endWith(live, result);
      if (result.exception === null) this.#loop.send(run, { type: "finished", ended });
      else this.#loop.fail(live, { ended, type: "broken" });
    };
    process.result.then(onEnd, (error) => this.#loop.abandon(error));
  }

  #watch(run: string, delayMs: number | null, type: "timedOut" | "graceOver" | "due"): void {
    this.dropTimer(run);
    if (delayMs === null) return;
    const { process = null, startedMs = null } = this.#watched.get(run) ?? {};
    const dropTimer = this.#options.clock.after(delayMs, () => this.#loop.send(run, { type }));
    this.#watched.set(run, { process, startedMs, dropTimer });
  }

  #time(): string {
    return formatTime(this.#options.clock.now());
  }
}
