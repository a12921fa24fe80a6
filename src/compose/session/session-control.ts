import { type ControlRequest, describeRequester } from "../../core/control-request.ts";
import type { RunEvent } from "../../core/event/event.ts";
import { type Clock, formatTime } from "../../core/port/clock.ts";
import type { Registry } from "../../core/port/registry.ts";
import { type SessionStatus, TERMINAL_STATUSES } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { type ExecutionControls, StopReason } from "../../execute/execution-controls.ts";

/** Interval at which the owner looks for writes of others to the registry, in milliseconds. */
const POLL_MS = 100;

export interface SessionControlOptions {
  registry: Registry;
  sessionId: SessionId;
  clock: Clock;
  emit(events: readonly RunEvent[]): void;
}

/**
 * Carries out what other processes ask of a session that this process runs. It looks at one number of the registry a few
 * times a second, and at the requests when that has changed. Each request is taken up and answered on record.
 */
export class SessionControl implements Disposable {
  /** Aborted when the session is to be cancelled; the reason says who wants that. */
  readonly interrupt: AbortSignal;
  readonly kill: AbortSignal;
  readonly #options: SessionControlOptions;
  readonly #interrupting = new AbortController();
  readonly #killing = new AbortController();
  readonly #executions = new Set<ExecutionControls>();
  /** Taken up, and answered when what they ask for has come to pass. */
  readonly #pending = new Map<string, ControlRequest>();
  #timer: NodeJS.Timeout | null = null;
  #seen: string | null = null;
  #isPaused = false;

  constructor(options: SessionControlOptions) {
    this.#options = options;
    this.interrupt = this.#interrupting.signal;
    this.kill = this.#killing.signal;
  }

  /** Begins to listen. A session that is paused keeps its process alive by this timer alone. */
  start(): void {
    this.#timer ??= setInterval(() => this.#look(), POLL_MS);
  }

  /** A part of the session that runs: requests go to all of them. Call the returned function when it has ended. */
  attach(execution: ExecutionControls): () => void {
    this.#executions.add(execution);
    if (this.#isPaused) execution.pause();
    return () => this.#executions.delete(execution);
  }

  /** Listens no more. */
  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** The answers to what is still open, for a session that is about to end. Listens no more. */
  stop(status: SessionStatus): RunEvent[] {
    this[Symbol.dispose]();
    const open = [...this.#pending.values()];
    this.#pending.clear();
    const outcome = status === "success" ? "refused" : "done";
    return open.map((request) => this.#answer(request, outcome, `the session has ended: ${status}`));
  }

  /** A process that can't write the registry ends the session by itself, and says why. */
  #say(events: readonly RunEvent[]): void {
    try {
      this.#options.emit(events);
    } catch {
      this.#pending.clear();
    }
  }

  #look(): void {
    const { registry, sessionId } = this.#options;
    try {
      const mark = registry.othersMark();
      if (mark === this.#seen) return;
      this.#seen = mark;
      for (const request of registry.requestsOf(sessionId)) if (this.#isNew(request)) this.#take(request);
    } catch {
      // A registry that can't be read can't be written either.
      this.#seen = null;
    }
  }

  #isNew({ request_id, accepted_time, answered_time }: ControlRequest): boolean {
    return accepted_time === null && answered_time === null && !this.#pending.has(request_id);
  }

  #take(request: ControlRequest): void {
    const { request_id, action, run } = request;
    const accepted = { type: "request.accepted" as const, ...this.#stamp(), request_id };
    const about = { action, run, force: request.force, by: request.by };
    this.#say([{ ...accepted, ...about }]);
    switch (action) {
      case "pause":
      case "continue":
        this.#pause(request, action === "pause");
        break;
      case "cancel":
        this.#pending.set(request_id, request);
        if (run === null) this.#cancelAll(request);
        else this.#cancelRun(request, run);
        break;
      default:
        action satisfies never;
    }
  }

  #pause(request: ControlRequest, isPaused: boolean): void {
    if (this.#isPaused === isPaused || this.interrupt.aborted) {
      const why = this.interrupt.aborted
        ? "the session is being cancelled"
        : `it is ${isPaused ? "paused already" : "not paused"}`;
      this.#say([this.#answer(request, "refused", why)]);
      return;
    }
    this.#isPaused = isPaused;
    const type = isPaused ? ("session.paused" as const) : ("session.continued" as const);
    const message = isPaused ? "no more runs start; those under way go on" : "runs start again";
    this.#say([{ type, ...this.#stamp(), by: request.by }, this.#answer(request, "done", message)]);
    for (const execution of this.#executions) execution[isPaused ? "pause" : "continue"]();
  }

  #cancelAll({ by, force }: ControlRequest): void {
    const reason = new StopReason(`cancelled by ${describeRequester(by)}`);
    this.#interrupting.abort(reason);
    if (force) this.#killing.abort(reason);
  }

  #cancelRun(request: ControlRequest, run: string): void {
    const { by, force } = request;
    const how = force ? "kill" : "interrupt";
    const reason = `cancelled by ${describeRequester(by)}`;
    const ended = Promise.all([...this.#executions].map((execution) => execution.cancel(run, { how, reason })));
    void ended.then((answers) => {
      if (!this.#pending.delete(request.request_id)) return;
      const status = answers.find((answer) => answer !== null) ?? this.#statusOf(run);
      const isDone = status === "cancelled";
      const message = isDone ? "it is cancelled" : `it has ended: ${status}`;
      this.#say([this.#answer(request, isDone ? "done" : "refused", message)]);
    });
  }

  #statusOf(run: string): string {
    const { registry, sessionId } = this.#options;
    const status = registry.runsOf([sessionId]).find((line) => line.run === run)?.status;
    return status !== undefined && TERMINAL_STATUSES.has(status) ? status : "it is not running";
  }

  #answer(request: ControlRequest, outcome: "done" | "refused", message: string): RunEvent {
    const { request_id, action, run } = request;
    return { type: "request.answered", ...this.#stamp(), request_id, action, run, outcome, message };
  }

  #stamp(): { time: string; session_id: SessionId } {
    return { time: formatTime(this.#options.clock.now()), session_id: this.#options.sessionId };
  }
}
