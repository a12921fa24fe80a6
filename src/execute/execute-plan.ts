import { SessionLostError } from "../core/error/registry-error.ts";
import type { RunOutcome } from "../core/event/event.ts";
import { formatTime } from "../core/port/clock.ts";
import type { RunStatus } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import type { PlannedRun } from "../plan/plan.ts";
import type { UpstreamAttempt } from "../resolve/resolve-run.ts";
import { createSchedule } from "./create-schedule.ts";
import { AttemptDriver } from "./drive-attempt.ts";
import { endingEvent, outcomeOf, reusedBy } from "./end-run.ts";
import type { ExecuteOptions } from "./execute-options.ts";
import { endOf, type LiveRun, LiveRuns, type RunStep, type Skip } from "./live-run.ts";
import { type AttemptContext, judgeFailure, resolveAttempt, restoreAttempt } from "./next-attempt.ts";
import type { Schedule, ScheduleEffect, ScheduleEvent } from "./next-runs.ts";
import { type MachineEffect, stateOf, statusOf } from "./run-machine.ts";
import { Steering } from "./steer-execution.ts";
import { StepQueue } from "./step-queue.ts";

/**
 * Runs a plan to its end and reports all events through `emit`. Resolves with one outcome per run, in plan order.
 * Rejects if `emit` throws, after every run under way has ended; or at once if the session was lost or an attempt can't be followed.
 */
export async function executePlan(options: ExecuteOptions): Promise<RunOutcome[]> {
  return await new PlanExecution(options).run();
}

class PlanExecution {
  readonly #options: ExecuteOptions;
  readonly #schedule: Schedule;
  readonly #driver: AttemptDriver;
  readonly #planned: ReadonlyMap<string, PlannedRun>;
  readonly #upstream: Map<string, UpstreamAttempt>;
  readonly #live = new LiveRuns();
  readonly #outcomes = new Map<string, RunOutcome>();
  readonly #end = Promise.withResolvers<void>();
  readonly #steering = new Steering({
    live: this.#live,
    statusOf: (run) => (this.#planned.has(run) ? (this.#outcomes.get(run)?.status ?? null) : undefined),
    addLive: (run) => this.#addLive(run),
    dispatch: (event) => this.#dispatch(event),
    take: (steps) => {
      this.#queue.push(...steps);
      this.#drain();
    },
  });
  readonly #queue = new StepQueue();
  /** Runs that start when what has happened is stored. */
  #startable: string[] = [];
  #draining = false;
  readonly #reuses: boolean;
  #fault: { error: unknown } | null = null;

  constructor(options: ExecuteOptions) {
    const { plan, maxParallel } = options;
    this.#options = options;
    this.#reuses = plan.runs.some(({ work, replay }) => work !== null || replay !== undefined);
    this.#planned = new Map(plan.runs.map((run) => [run.run, run]));
    this.#upstream = new Map(Array.from(options.upstream ?? [], (attempt) => [attempt.run, attempt]));
    this.#schedule = createSchedule(plan, maxParallel);
    this.#driver = new AttemptDriver(options, {
      find: (run) => this.#live.get(run),
      send: (run, step) => this.#send(run, step),
      say: (event, later) => {
        this.#queue.say(event);
        if (later === undefined) this.#drain();
      },
      fail: (live, failed) => {
        const { random = Math.random } = this.#options;
        const refusal = this.#schedule.findRefusal(live.planned.run);
        const step = this.#fault === null ? judgeFailure(live, failed, { random, refusal }) : failed;
        this.#send(live.planned.run, step);
      },
      abandon: (error) => this.#abandon(error),
    });
  }

  async run(): Promise<RunOutcome[]> {
    const { plan, onBegin, lost } = this.#options;
    const onLost = () => this.#abandon(lost?.reason);
    lost?.addEventListener("abort", onLost);
    const detach = onBegin?.(this.#steering);
    this.#begin();
    const stopListening = this.#steering.stopOnSignals(this.#options);
    this.#drain();
    await this.#end.promise;
    stopListening();
    lost?.removeEventListener("abort", onLost);
    detach?.();
    if (this.#fault !== null) throw this.#fault.error;
    return plan.runs.flatMap(({ run }) => this.#outcomes.get(run) ?? []);
  }

  /** Ends the session here, as another process has it or may go on with it: the runs' processes are left to that. */
  #abandon(error: unknown): void {
    this.#fault = { error };
    this.#startable = [];
    this.#driver.release();
    this.#live.clear();
    this.#end.resolve();
  }

  /** Takes up what another process left of the session, if there was one, and starts. */
  #begin(): void {
    const { restored } = this.#options;
    if (restored === undefined) {
      this.#dispatch({ type: "begin" });
      return;
    }
    const { outcomes, attempts, open } = restored;
    for (const outcome of outcomes) this.#outcomes.set(outcome.run, outcome);
    for (const run of open) {
      const live = this.#addLive(run);
      const context = live.runId === null ? null : this.#contextOf(live.runId);
      this.#queue.push({ run, step: restoreAttempt(live, context) });
    }
    const tried = [...attempts].filter(([run, { last }]) => !open.has(run) && last?.status === "failed");
    this.#dispatch({ type: "begin", ended: outcomes, underWay: [...open], tried: tried.map(([run]) => run) });
  }

  #contextOf(runId: RunId): AttemptContext {
    const { plan, sessionId, reuse, totalRuns = plan.runs.length } = this.#options;
    return { time: this.#time(), sessionId, runId, totalRuns, upstream: this.#upstream, reuse };
  }

  #send(run: string, step: RunStep): void {
    this.#queue.push({ run, step });
    this.#drain();
  }

  /** Takes the steps that are due, stores what happened, then starts runs: an attempt is on record before its process is. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (!this.#queue.isEmpty || this.#startable.length > 0) {
      this.#advance();
      for (const run of this.#startable.splice(0)) this.#start(run);
    }
    this.#draining = false;
    const stopped = this.#fault !== null && this.#live.size === 0;
    if (stopped || this.#outcomes.size === this.#planned.size) this.#end.resolve();
  }

  #start(run: string): void {
    const live = this.#live.get(run);
    if (live !== undefined) this.#driver.start(live);
  }

  #advance(): void {
    const { emit, decide } = this.#options;
    const take = () => this.#queue.take(({ run, step, skip }) => this.#step(run, step, skip));
    if (this.#fault === null && decide !== undefined && this.#reuses && this.#queue.hasSteps)
      this.#store(() => decide(take));
    else {
      const events = take();
      if (events.length > 0 && this.#fault === null) this.#store(() => emit(events));
    }
  }

  #store(store: () => void): void {
    try {
      store();
    } catch (error) {
      if (error instanceof SessionLostError) {
        this.#abandon(error);
        return;
      }
      this.#fault = { error };
      this.#startable = [];
      for (const { planned } of [...this.#live.values()]) {
        this.#driver.dropTimer(planned.run);
        if (this.#driver.hasProcess(planned.run)) this.#driver.stop(planned.run, "kill");
        else this.#live.delete(planned.run);
      }
    }
  }

  #step(run: string, step: RunStep, skip: Skip | null = null): void {
    for (const effect of this.#live.step(run, step)) this.#perform(run, effect, skip);
  }

  #perform(run: string, effect: MachineEffect, skip: Skip | null): void {
    const live = this.#live.get(run);
    if (live === undefined) return;
    switch (effect.type) {
      case "resolve":
        this.#resolve(live);
        break;
      case "reconcile":
        this.#driver.reconcile(live);
        break;
      case "enqueue":
        this.#dispatch({ type: "queued", run });
        break;
      case "start":
        this.#startable.push(run);
        break;
      case "watchTimeout":
        this.#driver.watchTimeout(live);
        break;
      case "watchGrace":
        this.#driver.watchGrace(live);
        break;
      case "stop":
        this.#driver.stop(run, effect.params.how);
        break;
      case "commit":
        void this.#driver.commit(live);
        break;
      case "wait":
        this.#driver.awaitRetry(live);
        this.#dispatch({ type: "retrying", run });
        break;
      case "announce":
        this.#announce(live, statusOf(stateOf(live.snapshot)), skip);
        break;
      default:
        effect satisfies never;
    }
  }

  #dispatch(event: ScheduleEvent): void {
    if (this.#fault !== null) return;
    for (const effect of this.#schedule.next(event)) this.#follow(effect);
  }

  #follow(effect: ScheduleEffect): void {
    const { run } = effect;
    switch (effect.type) {
      case "resolve":
        this.#addLive(run);
        this.#queue.push({ run, step: { type: "ready" } });
        break;
      case "admit":
        this.#queue.push({ run, step: { type: "admitted" } });
        break;
      case "skip":
        this.#drop(run, "skipped", { chain: effect.chain, reason: effect.reason });
        break;
      case "cancel":
        this.#drop(run, "cancelled", null);
        break;
      case "giveUp":
        if (this.#live.get(run) === undefined) this.#addLive(run);
        this.#queue.push({ run, step: { type: "givenUp", reason: effect.reason } });
        break;
      default:
        effect satisfies never;
    }
  }

  #addLive(run: string): LiveRun {
    const planned = this.#planned.get(run);
    if (planned === undefined) throw new Error(`the schedule names a run that the plan lacks: ${run}`);
    return this.#live.add(planned, this.#options.restored?.attempts.get(run));
  }

  /** Ends a run that has no process. One that never came to life needs no machine either. */
  #drop(run: string, status: "skipped" | "cancelled", skip: Skip | null): void {
    if (this.#live.get(run) !== undefined) {
      const step: RunStep = { type: status === "skipped" ? "skipped" : "interrupted" };
      this.#queue.push(skip === null ? { run, step } : { run, step, skip });
    } else this.#announce(this.#addLive(run), status, skip);
  }

  /** The event and the step belong together: no other event may come between them. */
  #resolve(live: LiveRun): void {
    const { step, event } = resolveAttempt(live, this.#contextOf(this.#options.ids.nextRunId()));
    if (event !== null) this.#queue.say(event);
    this.#step(live.planned.run, step);
  }

  #announce(live: LiveRun, status: RunStatus, skip: Skip | null): void {
    const { run } = live.planned;
    this.#driver.leave(run);
    this.#live.delete(run);
    const reason = this.#steering.reasonFor(run);
    const about = { status, time: this.#time(), sessionId: this.#options.sessionId, skip, reason };
    this.#queue.say(endingEvent(live, about));
    const told = skip?.reason ?? (status === "cancelled" ? this.#steering.ownReasonFor(run) : null);
    this.#outcomes.set(run, outcomeOf(live, status, told));
    this.#steering.announceEnd(run, status);
    const upstream = upstreamOf(live, status);
    if (upstream !== null) this.#upstream.set(run, upstream);
    this.#dispatch({ type: "ended", run, status });
  }

  #time(): string {
    return formatTime(this.#options.clock.now());
  }
}

/** Returns the data of an ended run for its consumers; null if there are none. */
function upstreamOf(live: LiveRun, status: RunStatus): UpstreamAttempt | null {
  const { run } = live.planned;
  const reused = reusedBy(live);
  if (reused !== null) return { ...reused.attempt, run, reused: true };
  const { result } = endOf(live);
  if (status !== "success" || result === null || live.runId === null) return null;
  return { run, run_id: live.runId, outputs: result.outputs };
}
