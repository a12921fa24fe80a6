import { formatTime } from "../../core/clock.ts";
import type { RunEvent, RunOutcome } from "../../core/event.ts";
import type { Hold } from "../../core/hold.ts";
import type { PlainStorage } from "../../core/plain-storage.ts";
import { SessionLostError } from "../../core/registry-error.ts";
import type { Reporter } from "../../core/reporter.ts";
import { isDone, type SessionRecord, type SessionStatus } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { executePlan } from "../../execute/execute-plan.ts";
import type { ExecutionControls } from "../../execute/execution-controls.ts";
import type { Plan } from "../../plan/plan.ts";
import { tellHold } from "../../processes/tell-hold.ts";
import { reachPlain } from "../../runners/kedro/remote-plain.ts";
import { openReuse } from "../reuse/open-reuse.ts";
import { openRemoteStorage } from "../trash/open-remote-storage.ts";
import type { Workspace } from "../workspace.ts";
import { cleanUpSession } from "./clean-up-session.ts";
import { holdSession } from "./hold-session.ts";
import { type PublishedVersion, type PublishFault, publishOutputs } from "./publish-outputs.ts";
import { createEventSink, type EventSink } from "./record-events.ts";
import { refuseDiscarded } from "./refuse-discarded.ts";
import type { SessionPast } from "./restore-session.ts";
import { SessionControl } from "./session-control.ts";
import { verifyPlan } from "./verify-plan.ts";

export interface ConductOptions {
  workspace: Workspace;
  plan: Plan;
  maxParallel: number;
  reporters?: readonly Reporter[];
  interrupt?: AbortSignal;
  kill?: AbortSignal;
  /** What another process did of the session before. */
  past?: SessionPast;
  /** True to end the session: it does not succeed, and so publishes nothing, whatever its runs came to. */
  cancels?: boolean;
}

/** A session as this process has it. */
interface OwnedSession {
  sessionId: SessionId;
  epoch: number;
  startMs: number;
  /** What is recorded before its first run of this process starts; for a session that is on record already, nothing. */
  opening: readonly RunEvent[];
}

/** How a session ended. */
export interface SessionResult {
  record: SessionRecord;
  publishFaults: PublishFault[];
  /** What was to be cleaned up and could not be. */
  cleanUpFaults: string[];
  /** What went wrong in hooks after the last run. */
  hookFaults: string[];
}

/**
 * Executes a plan as the owner of its session, and closes its record. Rejects with what the registry throws;
 * SessionLostError says that another process has the session now.
 */
export async function conductSession(options: ConductOptions, session: OwnedSession): Promise<SessionResult> {
  const { registry, clock } = options.workspace;
  const { sessionId, epoch } = session;
  const [fault, lost] = [new AbortController(), new AbortController()];
  const onFault = (error: unknown) => (error instanceof SessionLostError ? lost : fault).abort(error);
  const sink = createEventSink({
    registry,
    session: { session_id: sessionId, epoch },
    reporters: options.reporters ?? [],
    onFault,
  });
  if (session.opening.length > 0) {
    sink.decide(() => {
      refuseDiscarded(options.plan, registry);
      return session.opening;
    });
  }
  using control = new SessionControl({ ...options.workspace, sessionId, emit: sink.emit });
  control.start();
  const letGo = holdSession({ registry, clock, sessionId, epoch, onLost: onFault });
  try {
    const signals = { ...mergeSignals(options, fault.signal, control), lost: lost.signal };
    const onBegin = (execution: ExecutionControls) => control.attach(execution);
    const outcomes = await executePlan({ ...executionOptions(options, sink), sessionId, onBegin, ...signals });
    sink.flush();
    fault.signal.throwIfAborted();
    const signal = AbortSignal.any([signals.interrupt, signals.kill, signals.lost]);
    return await finish(options, { session, sink, outcomes, control, signal });
  } finally {
    letGo();
  }
}

interface Finish {
  session: OwnedSession;
  sink: EventSink;
  outcomes: readonly RunOutcome[];
  control: SessionControl;
  /** Gives up waiting for other sessions. */
  signal: AbortSignal;
}

/** Only the project of the run that saved it can reach remote data. */
function reachByProject({ workspace, plan }: ConductOptions, { run, run_id, version }: PublishedVersion): PlainStorage {
  const task = plan.runs.find((planned) => planned.run === run)?.task;
  if (task?.kind !== "kedro") throw new Error(`only a Kedro run could have saved ${version.location}`);
  return reachPlain(workspace.runners.kedro, () => task, { ...version, run_id });
}

async function finish(
  options: ConductOptions,
  { session, sink, outcomes, control, signal }: Finish,
): Promise<SessionResult> {
  const { workspace, plan } = options;
  const { registry, clock } = workspace;
  const { sessionId, epoch, startMs } = session;
  const judged = judgeSession(outcomes);
  const status = options.cancels && judged === "success" ? "cancelled" : judged;
  const fruitless = new Set(outcomes.flatMap((outcome) => (isDone(outcome.status) ? [] : [outcome.run])));
  // In a session that succeeds, a run that saved nothing was allowed to, or had nothing to do.
  const targets = status === "success" ? plan.publish.filter(({ run }) => !fruitless.has(run)) : [];
  const openPlain = (published: PublishedVersion) => reachByProject(options, published);
  const { folders } = workspace;
  const owned = { session_id: sessionId, epoch };
  const onNotice = (text: string) => {
    for (const reporter of options.reporters ?? []) reporter.onNotice?.(text);
  };
  const onWait = (before: Hold) => onNotice(`publishing waits for ${tellHold(before)}`);
  const waiting = { session: owned, signal, onWait, onNotice };
  const publishFaults = await publishOutputs({
    targets,
    folders,
    registry,
    clock,
    openPlain,
    emit: sink.emit,
    ...waiting,
  });
  const policies = new Map(plan.runs.map(({ run, policy }) => [run, policy.cleanup]));
  const remote = openRemoteStorage(workspace.folders, workspace.runners.kedro);
  const cleanUpFaults = await cleanUpSession({ ...workspace, remote, emit: sink.emit }, { sessionId, epoch, policies });
  const ending = { session_id: sessionId, status, runs: [...outcomes] };
  const hookFaults = options.kill?.aborted ? [] : await workspace.runners.kedro.endSession(ending);
  const time = clock.now();
  const closing = { time: formatTime(time), session_id: sessionId, duration_ms: time - startMs, runs: [...outcomes] };
  const ended = publishFaults.length > 0 ? "failed" : status;
  sink.emit([...control.stop(ended), { type: "session.finished", ...closing, status: ended }]);
  const record = registry.findSession(sessionId);
  if (record === null) throw new Error(`the registry has lost session ${sessionId}`);
  return { record, publishFaults, cleanUpFaults, hookFaults };
}

function executionOptions({ workspace, plan, maxParallel, past }: ConductOptions, sink: EventSink) {
  const { clock, folders, ids, runners } = workspace;
  const reuse = openReuse({
    registry: workspace.registry,
    workflow: { workflow: plan.workflow, workflow_file: plan.file },
  });
  return {
    plan,
    clock,
    ids,
    runners,
    maxParallel,
    emit: sink.emit,
    decide: sink.decide,
    verify: verifyPlan(plan, { registry: workspace.registry, folders, sink, clock }),
    reuse,
    ...past,
  };
}

/** A registry that can't be written any more ends what is under way. */
function mergeSignals({ interrupt, kill }: ConductOptions, fault: AbortSignal, control: SessionControl) {
  const anyOf = (own: AbortSignal, signal?: AbortSignal) =>
    AbortSignal.any([fault, own, ...(signal === undefined ? [] : [signal])]);
  return { interrupt: anyOf(control.interrupt, interrupt), kill: anyOf(control.kill, kill) };
}

/** A failure outweighs a cancellation, as it is what has to be looked at. */
export function judgeSession(outcomes: readonly RunOutcome[]): Exclude<SessionStatus, "running"> {
  if (outcomes.some(({ status, allow_failure }) => status === "failed" && !allow_failure)) return "failed";
  return outcomes.some(({ status }) => status === "cancelled") ? "cancelled" : "success";
}
