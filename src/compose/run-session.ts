import { formatTime } from "../core/clock.ts";
import type { DeclaredRun, RunEvent, RunOutcome } from "../core/event.ts";
import type { Reporter } from "../core/reporter.ts";
import {
  type GitState,
  isDone,
  type JsonObject,
  type SessionOrigin,
  type SessionRecord,
  type SessionStatus,
} from "../core/run.ts";
import type { SessionId } from "../core/run-id.ts";
import { countAttempts } from "../core/run-policy.ts";
import { executePlan } from "../execute/execute-plan.ts";
import type { Plan, PlannedRun, PublishTarget } from "../plan/plan.ts";
import { type PublishFault, publishOutputs } from "./publish-outputs.ts";
import { createEventSink, type EventSink } from "./record-events.ts";
import { openReuse } from "./reuse/open-reuse.ts";
import { SessionControl } from "./session-control.ts";
import { verifyOutputs } from "./verify-outputs.ts";
import { defaultParallelism, type Workspace } from "./workspace.ts";

export interface SessionOptions {
  workspace: Workspace;
  plan: Plan;
  git: GitState;
  origin?: SessionOrigin;
  reporters?: readonly Reporter[];
  maxParallel?: number | null;
  commandLine?: string[];
  interrupt?: AbortSignal;
  kill?: AbortSignal;
}

/** How a session ended. */
export interface SessionResult {
  record: SessionRecord;
  publishFaults: PublishFault[];
  /** What went wrong in hooks after the last run. */
  hookFaults: string[];
}

/** Executes a plan as one session, on record from its first event to its last. Rejects with what the registry throws. */
export async function runSession(options: SessionOptions): Promise<SessionResult> {
  const { workspace, plan, git, origin, commandLine = [] } = options;
  const sessionId = workspace.ids.nextSessionId();
  const fault = new AbortController();
  const sink = createEventSink({
    registry: workspace.registry,
    reporters: options.reporters ?? [],
    onFault: (error) => fault.abort(error),
  });
  const startMs = workspace.clock.now();
  sink.emit(openingEvents({ sessionId, plan, git, origin, commandLine, time: formatTime(startMs) }));
  using control = new SessionControl({ ...workspace, sessionId, emit: sink.emit });
  control.start();
  const outcomes = await executePlan({
    ...executionOptions(options, sink),
    sessionId,
    onBegin: (execution) => control.attach(execution),
    ...mergeSignals(options, fault.signal, control),
  });
  sink.flush();
  fault.signal.throwIfAborted();
  const status = judgeSession(outcomes);
  const fruitless = new Set(outcomes.flatMap((outcome) => (isDone(outcome.status) ? [] : [outcome.run])));
  // In a session that succeeds, a run that saved nothing was allowed to, or had nothing to do.
  const targets = options.plan.publish.filter(({ run }) => !fruitless.has(run));
  const publishFaults = status === "success" ? await publish(options, { sessionId, sink, targets }) : [];
  const ending = { session_id: sessionId, status, runs: outcomes };
  const hookFaults = options.kill?.aborted ? [] : await workspace.runners.kedro.endSession(ending);
  const time = workspace.clock.now();
  const closing = { time: formatTime(time), session_id: sessionId, duration_ms: time - startMs, runs: outcomes };
  const ended = publishFaults.length > 0 ? "failed" : status;
  sink.emit([...control.stop(ended), { type: "session.finished", ...closing, status: ended }]);
  const record = workspace.registry.findSession(sessionId);
  if (record === null) throw new Error(`the registry has lost session ${sessionId}`);
  return { record, publishFaults, hookFaults };
}

function executionOptions({ workspace, plan, maxParallel }: SessionOptions, sink: EventSink) {
  const { clock, ids, runners } = workspace;
  return {
    plan,
    clock,
    ids,
    runners,
    maxParallel: maxParallel ?? plan.maxParallel ?? defaultParallelism(),
    emit: sink.emit,
    verify: verifyOutputs,
    reuse: openReuse({ registry: workspace.registry, workflow: plan.workflow }),
  };
}

/** A registry that can't be written any more ends what is under way. */
function mergeSignals(
  { interrupt, kill }: SessionOptions,
  fault: AbortSignal,
  control: SessionControl,
): { interrupt: AbortSignal; kill: AbortSignal } {
  const anyOf = (own: AbortSignal, signal?: AbortSignal) =>
    AbortSignal.any([fault, own, ...(signal === undefined ? [] : [signal])]);
  return { interrupt: anyOf(control.interrupt, interrupt), kill: anyOf(control.kill, kill) };
}

function publish(
  { workspace: { registry, clock } }: SessionOptions,
  { sessionId, sink, targets }: { sessionId: SessionId; sink: EventSink; targets: readonly PublishTarget[] },
): Promise<PublishFault[]> {
  return publishOutputs({ targets, sessionId, registry, clock, emit: sink.emit });
}

/** A failure outweighs a cancellation, as it is what has to be looked at. */
export function judgeSession(outcomes: readonly RunOutcome[]): Exclude<SessionStatus, "running"> {
  if (outcomes.some(({ status, allow_failure }) => status === "failed" && !allow_failure)) return "failed";
  return outcomes.some(({ status }) => status === "cancelled") ? "cancelled" : "success";
}

/** The events with which a session begins. */
export function openingEvents(opening: {
  sessionId: SessionId;
  plan: Pick<Plan, "workflow" | "file" | "project_path" | "runs">;
  git: GitState;
  origin: SessionOrigin | undefined;
  commandLine: string[];
  time: string;
}): RunEvent[] {
  const { plan, git, origin, time } = opening;
  const stamp = { time, session_id: opening.sessionId };
  const { workflow, file: workflow_file, project_path } = plan;
  return [
    {
      type: "session.started",
      ...stamp,
      workflow,
      workflow_file,
      project_path,
      command_line: opening.commandLine,
      git,
      ...(origin === undefined ? {} : { origin }),
    },
    ...(plan.runs.length === 0 ? [] : [{ type: "runs.declared" as const, ...stamp, runs: plan.runs.map(declareRun) }]),
  ];
}

/** A planned run as its session's record declares it. */
export function declareRun({ run, task, needs, policy }: PlannedRun): DeclaredRun {
  const failures = { max_attempts: countAttempts(policy), allow_failure: policy.allowFailure };
  if (task.kind === "command") {
    return { run, kind: "command", needs, env: null, runtime_params: {}, pipeline_names: [], filters: {}, ...failures };
  }
  const { env, runtime_params, pipeline_names } = task;
  const filters = Object.fromEntries(
    Object.entries(task.filters).filter(([, names]) => names.length > 0),
  ) as JsonObject;
  return { run, kind: "kedro", needs, env, runtime_params, pipeline_names, filters, ...failures };
}
