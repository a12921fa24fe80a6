import { formatTime } from "../core/clock.ts";
import type { RunOutcome } from "../core/event.ts";
import { SessionLostError } from "../core/registry-error.ts";
import type { RunStatus } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import type { PlannedRun } from "../plan/plan.ts";
import type { UpstreamAttempt } from "../resolve/resolve-run.ts";
import { createSchedule } from "./create-schedule.ts";
import { AttemptDriver } from "./drive-attempt.ts";
import type { ExecuteOptions } from "./execute-options.ts";
import { bringToLife, endingEvent, type LiveRun, outcomeOf, type Skip } from "./live-run.ts";
import { type AttemptContext, decideNextAttempt, resolveAttempt, restoreAttempt } from "./next-attempt.ts";
import type { Schedule, ScheduleEffect, ScheduleEvent } from "./next-runs.ts";
import { type MachineEffect, type MachineEvent, stateOf, statusOf, stepRun } from "./run-machine.ts";
import { Steering } from "./steer-execution.ts";
import { StepQueue } from "./step-queue.ts";

/**
 * Runs a plan to its end and tells everything that happens through `emit`. Resolves with one outcome per run, in plan order.
 * Rejects only if `emit` throws, after every run under way has ended; or if somebody else has the session, at once.
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
  readonly #live = new Map<string, LiveRun>();
  readonly #outcomes = new Map<string, RunOutcome>();
  readonly #end = Promise.withResolvers<void>();
  readonly #steering = new Steering({
    live: this.#live,
    statusOf: (run) => (this.#planned.has(run) ? (this.#outcomes.get(run)?.status ?? null) : undefined),
    revive: (run) => this.#revive(run),
    advise: (event) => this.#advise(event),
    take: (steps) => {
      this.#queue.push(...steps);
      this.#drain();
    },
  });
  readonly #queue = new StepQueue();
  /** Runs that start when what has happened is stored. */
  #startable: LiveRun[] = [];
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
      send: (run, event) => this.#send(run, event),
      say: (event, later) => {
        this.#queue.say(event);
        if (later === undefined) this.#drain();
      },
      mayFalter: (live) => this.#mayFalter(live),
    });
  }

  async run(): Promise<RunOutcome[]> {
    const { plan, onBegin, lost } = this.#options;
    const onLost = () => this.#abandon(lost?.reason);
    lost?.addEventListener("abort", onLost);
    const detach = onBegin?.(this.#steering);
    this.#begin();
    const disobey = this.#steering.obey(this.#options);
    this.#drain();
    await this.#end.promise;
    disobey();
    lost?.removeEventListener("abort", onLost);
    detach?.();
    if (this.#fault !== null) throw this.#fault.error;
    return plan.runs.flatMap(({ run }) => this.#outcomes.get(run) ?? []);
  }

  /** The session is somebody else's: its processes are left to them. */
  #abandon(error: unknown): void {
    this.#fault = { error };
    this.#startable = [];
    for (const live of this.#live.values()) {
      live.dropTimer();
      live.attempt?.release();
    }
    this.#live.clear();
    this.#end.resolve();
  }

  /** Takes up what another process left of the session, if there was one, and starts. */
  #begin(): void {
    const { restored } = this.#options;
    if (restored === undefined) {
      this.#advise({ type: "begin" });
      return;
    }
    const { outcomes, attempts, open } = restored;
    for (const outcome of outcomes) this.#outcomes.set(outcome.run, outcome);
    for (const run of open) {
      const live = this.#revive(run);
      if (live.runId !== null) restoreAttempt(live, this.#contextOf(live.runId));
      this.#queue.push({ run, event: { type: "restored" } });
    }
    const tried = [...attempts].filter(([run, { last }]) => !open.has(run) && last?.status === "failed");
    this.#advise({ type: "begin", ended: outcomes, underWay: [...open], tried: tried.map(([run]) => run) });
  }

  #contextOf(runId: RunId): AttemptContext {
    const { plan, sessionId, reuse, totalRuns = plan.runs.length } = this.#options;
    return { time: this.#time(), sessionId, runId, totalRuns, upstream: this.#upstream, reuse };
  }

  #send(run: string, event: MachineEvent): void {
    this.#queue.push({ run, event });
    this.#drain();
  }

  /**
   * Takes the steps that are due, stores what happened, then starts what may start: an attempt is on record before its process is.
   */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (!this.#queue.isEmpty || this.#startable.length > 0) {
      this.#advance();
      for (const live of this.#startable.splice(0)) this.#driver.start(live);
    }
    this.#draining = false;
    const stopped = this.#fault !== null && this.#live.size === 0;
    if (stopped || this.#outcomes.size === this.#planned.size) this.#end.resolve();
  }

  #advance(): void {
    const { emit, decide } = this.#options;
    const take = () => this.#queue.take(({ run, event, skip }) => this.#step(run, event, skip));
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
      for (const [run, live] of this.#live) {
        live.dropTimer();
        if (live.attempt === null) this.#live.delete(run);
        else live.attempt.stop("kill");
      }
    }
  }

  #step(run: string, event: MachineEvent, skip?: Skip): void {
    const live = this.#live.get(run);
    if (live === undefined) return;
    const { snapshot, effects } = stepRun(live.snapshot, event);
    live.snapshot = snapshot;
    for (const effect of effects) this.#perform(live, effect, skip ?? null);
  }

  #perform(live: LiveRun, effect: MachineEffect, skip: Skip | null): void {
    const { run } = live.planned;
    switch (effect.type) {
      case "resolve":
        this.#resolve(live);
        break;
      case "reconcile":
        this.#driver.reconcile(live);
        break;
      case "enqueue":
        this.#advise({ type: "queued", run });
        break;
      case "start":
        this.#startable.push(live);
        break;
      case "watchTimeout":
        this.#driver.watchTimeout(live);
        break;
      case "watchGrace":
        this.#driver.watchGrace(live);
        break;
      case "stop":
        live.attempt?.stop(effect.params.how);
        break;
      case "commit":
        void this.#driver.commit(live);
        break;
      case "wait":
        this.#driver.awaitRetry(live);
        this.#advise({ type: "retrying", run });
        break;
      case "announce":
        this.#announce(live, statusOf(stateOf(live.snapshot)), skip);
        break;
      default:
        effect satisfies never;
    }
  }

  #advise(event: ScheduleEvent): void {
    if (this.#fault !== null) return;
    for (const effect of this.#schedule.next(event)) this.#follow(effect);
  }

  #follow(effect: ScheduleEffect): void {
    const { run } = effect;
    switch (effect.type) {
      case "resolve":
        this.#revive(run);
        this.#queue.push({ run, event: { type: "ready" } });
        break;
      case "admit":
        this.#queue.push({ run, event: { type: "admitted" } });
        break;
      case "skip":
        this.#drop(run, "skipped", { chain: effect.chain, reason: effect.reason });
        break;
      case "cancel":
        this.#drop(run, "cancelled", null);
        break;
      case "giveUp":
        this.#giveUp(run, effect.reason);
        break;
      default:
        effect satisfies never;
    }
  }

  #revive(run: string): LiveRun {
    const planned = this.#planned.get(run);
    if (planned === undefined) throw new Error(`the schedule names a run that the plan lacks: ${run}`);
    const live = bringToLife(planned, this.#options.restored?.attempts.get(run));
    this.#live.set(run, live);
    return live;
  }

  /** Ends a run that has no process. One that never came to life needs no machine either. */
  #drop(run: string, status: "skipped" | "cancelled", skip: Skip | null): void {
    if (this.#live.has(run)) {
      const event: MachineEvent = { type: status === "skipped" ? "skipped" : "interrupted" };
      this.#queue.push(skip === null ? { run, event } : { run, event, skip });
    } else this.#announce(this.#revive(run), status, skip);
  }

  #giveUp(run: string, reason: string): void {
    const live = this.#live.get(run) ?? this.#revive(run);
    live.givenUpBecause = reason;
    this.#queue.push({ run, event: { type: "givenUp" } });
  }

  #resolve(live: LiveRun): void {
    const resolved = resolveAttempt(live, this.#contextOf(this.#options.ids.nextRunId()));
    if (resolved !== null) this.#queue.say(resolved);
    const type = live.reused !== null ? "reused" : live.resolved === null ? "rejected" : "resolved";
    this.#queue.push({ run: live.planned.run, event: { type } });
  }

  #mayFalter(live: LiveRun): boolean {
    const { random = Math.random } = this.#options;
    const refusal = this.#schedule.findRefusal(live.planned.run);
    return this.#fault === null && decideNextAttempt(live, { random, refusal });
  }

  #announce(live: LiveRun, status: RunStatus, skip: Skip | null): void {
    const { run } = live.planned;
    const { result, runId } = live;
    live.dropTimer();
    this.#live.delete(run);
    const reason = this.#steering.reasonFor(live);
    const about = { status, time: this.#time(), sessionId: this.#options.sessionId, skip, reason };
    this.#queue.say(endingEvent(live, about));
    this.#outcomes.set(run, outcomeOf(live, status, skip?.reason ?? null));
    this.#steering.tellEnd(run, status);
    if (live.reused !== null) this.#upstream.set(run, { ...live.reused.attempt, run });
    if (status === "success" && result !== null && runId !== null) {
      this.#upstream.set(run, { run, run_id: runId, outputs: result.outputs });
    }
    this.#advise({ type: "ended", run, status });
  }

  #time(): string {
    return formatTime(this.#options.clock.now());
  }
}
