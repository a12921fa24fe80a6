import { SessionLostError } from "../../core/error/registry-error.ts";
import type { RunEvent, RunOutcome } from "../../core/event/event.ts";
import type { Hold } from "../../core/hold.ts";
import type { OwnedSession } from "../../core/ownership.ts";
import { formatTime } from "../../core/port/clock.ts";
import type { PlainStorage } from "../../core/port/plain-storage.ts";
import type { Reporter } from "../../core/port/reporter.ts";
import { isDone, type SessionStatus } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { executePlan } from "../../execute/execute-plan.ts";
import { placeTargets } from "../../plan/places/publish-targets.ts";
import type { Plan, PlannedRun, PublishTarget } from "../../plan/plan.ts";
import { describeHold } from "../../processes/describe-hold.ts";
import { openReuse } from "../reuse/open-reuse.ts";
import { openRemoteStorage } from "../trash/open-remote-storage.ts";
import type { Workspace } from "../workspace.ts";
import { cleanUpSession } from "./clean-up-session.ts";
import { type PublishedVersion, publishOutputs } from "./publish-outputs.ts";
import { createEventSink, type EventSink } from "./record-events.ts";
import { refuseDiscarded } from "./refuse-discarded.ts";
import type { SessionPast } from "./restore-session.ts";
import { RunPhases } from "./run-phases.ts";
import { SessionControl } from "./session-control.ts";
import { keepLease } from "./session-lease.ts";
import type { PublishFault, SessionResult } from "./session-result.ts";
import { type Demand, verifyPlan } from "./verify-plan.ts";
import { WorkersAhead } from "./workers-ahead.ts";

export interface SessionContext {
  workspace: Workspace;
  reporters?: readonly Reporter[] | undefined;
  /** Starts no more runs and asks those under way to stop. */
  interrupt?: AbortSignal | undefined;
  /** Ends them without asking. */
  kill?: AbortSignal | undefined;
  /** Asked of attempts beside what is asked of all. */
  demand?: Demand | undefined;
}

/** A session that this process owns from now on. */
export interface SessionIdentity {
  sessionId: SessionId;
  epoch: number;
  /**
   * Time from which the session's duration counts, in milliseconds since 1970: its start, or for a resumed one, earlier
   * by the time that others have worked on it.
   */
  startMs: number;
}

export interface PlanExecution {
  maxParallel: number;
  /** State of the plan that another process left. */
  past?: Partial<SessionPast> | undefined;
  /** Number of runs in the session as far as is known; default: those of the plan. */
  totalRuns?: number;
}

/**
 * The life of a session in the process that owns it: it is put on record, executes plans, and ends. Every kind of session lives here:
 * a workflow executes one plan, a script many, a session that is only closed none. Dispose of it in any case: until then its
 * lease is renewed and requests to it are answered. Methods throw what the registry throws; SessionLostError says that another
 * process owns the session now.
 */
export class LiveSession implements Disposable {
  readonly #context: SessionContext;
  readonly #identity: SessionIdentity;
  readonly #sink: EventSink;
  readonly #ahead = new WorkersAhead((task) => this.#context.workspace.projects.expect(task));
  readonly #runs: RunPhases;
  readonly #control: SessionControl;
  /** Aborted when the registry can't be written any more. */
  readonly #fault = new AbortController();
  /** Aborted when another process has taken the session over. */
  readonly #lost = new AbortController();
  readonly #executed: PlannedRun[] = [];
  readonly #targets: PublishTarget[] = [];
  readonly #outcomes: RunOutcome[] = [];
  #releaseLease: () => void = () => {};

  constructor(context: SessionContext, identity: SessionIdentity) {
    this.#context = context;
    this.#identity = identity;
    const { registry } = context.workspace;
    const { sessionId, epoch } = identity;
    const session = { session_id: sessionId, epoch };
    this.#runs = new RunPhases(context.workspace.phases);
    const reporters = [...(context.reporters ?? []), this.#ahead, this.#runs];
    this.#sink = createEventSink({ registry, session, reporters, onFault: this.#onFault });
    this.#control = new SessionControl({ ...context.workspace, sessionId, emit: this.#sink.emit });
  }

  /**
   * Records the events with which a plan becomes part of the session. Throws VersionCollectedError if data that it takes from an
   * earlier run have gone since it was made: from this transaction on they are kept for it.
   */
  declare(plan: Pick<Plan, "runs">, events: readonly RunEvent[]): void {
    this.#sink.decide(() => {
      refuseDiscarded(plan, this.#context.workspace.registry);
      return events;
    });
  }

  /** Holds the lease of the session, which is on record, and listens to requests. */
  begin(): void {
    this.#control.start();
    const { registry, clock } = this.#context.workspace;
    this.#releaseLease = keepLease({ registry, clock, ...this.#identity, onLost: this.#onFault });
  }

  /** Stores events of the session, then shows them. */
  emit(events: readonly RunEvent[]): void {
    this.#sink.emit(events);
  }

  /** Executes a plan to its end. Several may be executed side by side. */
  async execute(plan: Plan, { maxParallel, past, totalRuns }: PlanExecution): Promise<readonly RunOutcome[]> {
    const { registry, folders, clock, ids, runners, phases } = this.#context.workspace;
    phases.enter("between");
    for (const run of past?.restored?.open ?? []) this.#runs.begin(run);
    this.#executed.push(...plan.runs);
    this.#targets.push(...placeTargets(plan));
    this.#ahead.begin(plan, new Set(past?.restored?.outcomes.map(({ run }) => run)));
    const outcomes = await executePlan({
      plan,
      sessionId: this.#identity.sessionId,
      clock,
      ids,
      runners,
      maxParallel,
      ...(totalRuns === undefined ? {} : { totalRuns }),
      emit: this.#sink.emit,
      decide: this.#sink.decide,
      verify: verifyPlan(plan, { registry, folders, sink: this.#sink, clock, demand: this.#context.demand }),
      reuse: openReuse({ registry, folders, workflow: { workflow: plan.workflow, workflow_file: plan.file } }),
      onBegin: (execution) => this.#control.attach(execution),
      ...this.#signals(),
      ...past,
    });
    this.#sink.flush();
    this.#fault.signal.throwIfAborted();
    this.#outcomes.push(...outcomes);
    return outcomes;
  }

  /**
   * Publishes if everything succeeded, cleans up as the policies of its runs say, calls the projects' hooks, and closes the record.
   * `outcomes` are those of all runs of the session, if this process has not executed them; `cancels` keeps it from succeeding.
   */
  async end({ outcomes = this.#outcomes, cancels = false }: SessionEnding = {}): Promise<SessionResult> {
    const { workspace, kill } = this.#context;
    const { sessionId } = this.#identity;
    workspace.phases.enter("finish");
    const judged = judgeSession(outcomes);
    const status = cancels && judged === "success" ? "cancelled" : judged;
    const publishFaults = status === "success" ? await this.#publish(outcomes) : [];
    const cleanUpFaults = await this.#cleanUp();
    const ending = { session_id: sessionId, status, runs: [...outcomes] };
    const hookFaults = kill?.aborted ? [] : await workspace.projects.endSession(ending);
    this.#close(publishFaults.length > 0 ? "failed" : status, outcomes);
    const record = workspace.registry.findSession(sessionId);
    if (record === null) throw new Error(`the registry has lost session ${sessionId}`);
    return { record, publishFaults, cleanUpFaults, hookFaults };
  }

  /** Stops renewing the lease and listening to requests. */
  [Symbol.dispose](): void {
    this.#releaseLease();
    this.#control[Symbol.dispose]();
  }

  #onFault = (error: unknown): void => {
    (error instanceof SessionLostError ? this.#lost : this.#fault).abort(error);
  };

  /** A registry that can't be written any more ends what is under way. */
  #signals(): { interrupt: AbortSignal; kill: AbortSignal; lost: AbortSignal } {
    const { interrupt, kill } = this.#context;
    const anyOf = (own: AbortSignal, signal?: AbortSignal) =>
      AbortSignal.any([this.#fault.signal, own, ...(signal === undefined ? [] : [signal])]);
    return {
      interrupt: anyOf(this.#control.interrupt, interrupt),
      kill: anyOf(this.#control.kill, kill),
      lost: this.#lost.signal,
    };
  }

  /** Aborted when the end of the session waits for other sessions no longer. */
  #waitSignal(): AbortSignal {
    const { interrupt, kill, lost } = this.#signals();
    return AbortSignal.any([interrupt, kill, lost]);
  }

  async #publish(outcomes: readonly RunOutcome[]): Promise<PublishFault[]> {
    const { folders, registry, clock } = this.#context.workspace;
    // In a session that succeeds, a run without outputs was allowed to fail, or had none to save.
    const fruitless = new Set(outcomes.flatMap(({ status, run }) => (isDone(status) ? [] : [run])));
    const onNotice = (text: string) => {
      for (const reporter of this.#context.reporters ?? []) reporter.onNotice?.(text);
    };
    return await publishOutputs({
      targets: this.#targets.filter(({ run }) => !fruitless.has(run)),
      folders,
      registry,
      clock,
      openPlain: (published) => this.#reachByProject(published),
      emit: this.#sink.emit,
      session: this.#owned(),
      signal: this.#waitSignal(),
      onWait: (before: Hold) => onNotice(`publishing waits for ${describeHold(before)}`),
      onNotice,
    });
  }

  /** Only the project of the run that saved it can reach remote data. */
  #reachByProject({ run, run_id, version }: PublishedVersion): PlainStorage {
    const task = this.#executed.find((planned) => planned.run === run)?.task;
    if (task?.kind !== "kedro") throw new Error(`only a Kedro run could have saved ${version.location}`);
    return this.#context.workspace.projects.reachPlain(async () => task, { ...version, run_id });
  }

  async #cleanUp(): Promise<string[]> {
    const { workspace } = this.#context;
    const remote = openRemoteStorage(workspace, workspace.projects);
    const policies = new Map(this.#executed.map(({ run, policy }) => [run, policy.cleanup]));
    const { sessionId, epoch } = this.#identity;
    return await cleanUpSession({ ...workspace, remote, emit: this.#sink.emit }, { sessionId, epoch, policies });
  }

  #close(status: Exclude<SessionStatus, "running">, outcomes: readonly RunOutcome[]): void {
    const now = this.#context.workspace.clock.now();
    const { sessionId: session_id, startMs } = this.#identity;
    const closing = { time: formatTime(now), session_id, duration_ms: now - startMs, runs: [...outcomes] };
    this.#sink.emit([...this.#control.stop(status), { type: "session.finished", ...closing, status }]);
  }

  #owned(): OwnedSession {
    return { session_id: this.#identity.sessionId, epoch: this.#identity.epoch };
  }
}

interface SessionEnding {
  outcomes?: readonly RunOutcome[];
  cancels?: boolean | undefined;
}

/** A failure outweighs a cancellation, as it is what has to be looked at. */
export function judgeSession(outcomes: readonly RunOutcome[]): Exclude<SessionStatus, "running"> {
  if (outcomes.some(({ status, allow_failure }) => status === "failed" && !allow_failure)) return "failed";
  return outcomes.some(({ status }) => status === "cancelled") ? "cancelled" : "success";
}
