import type { DeclaredRun, RunEvent } from "../../core/event/event.ts";
import { isProcess } from "../../core/kinds.ts";
import type { SessionOwnership } from "../../core/ownership.ts";
import { formatTime } from "../../core/port/clock.ts";
import type { Task } from "../../core/port/runner.ts";
import type { GitState, JsonObject, ReplayOrigin, SessionOrigin } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { countAttempts } from "../../core/run-policy.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";
import { dropPlan, keepPlan } from "../kept-plan/keep-plan.ts";
import { digestVariables } from "../kept-plan/kept-variables.ts";
import { chooseParallelism, type Workspace } from "../workspace.ts";
import { type ConductOptions, conductSession } from "./conduct-session.ts";
import { FIRST_EPOCH, takeOwnership } from "./session-lease.ts";
import type { SessionResult } from "./session-result.ts";

export interface SessionOptions extends Omit<ConductOptions, "maxParallel"> {
  /** Asked of git while the session's plan is kept. */
  code: Promise<SessionCode> | SessionCode;
  maxParallel?: number | null;
  commandLine?: string[];
  /** Of a replay. */
  replayOf?: ReplayOrigin;
}

/** The code that a session runs, and where and by whom it was started, if that is told. */
export interface SessionCode {
  git: GitState;
  origin?: SessionOrigin;
}

/**
 * Executes a plan as one session, on record from its first event to its last, and its plan kept before. Rejects with what
 * the registry throws.
 */
export async function runSession(options: SessionOptions): Promise<SessionResult> {
  const { workspace, plan, replayOf, commandLine = [] } = options;
  const { clock, ids, folders, phases } = workspace;
  phases.enter("record");
  const sessionId = ids.nextSessionId();
  const maxParallel = chooseParallelism(plan, options.maxParallel);
  const variables = digestVariables(plan, { environment: process.env, stateFolder: folders.root });
  const about = { session_id: sessionId, store: folders.store, max_parallel: maxParallel, ...variables };
  try {
    const [kept, code] = await Promise.all([keepPlan(folders, { ...about, plan }), options.code]);
    const { git } = code;
    const origin = code.origin === undefined ? undefined : { ...code.origin, plan: kept };
    const startMs = clock.now();
    const claim = takeOwnership(clock, FIRST_EPOCH);
    const time = formatTime(startMs);
    const opening = openingEvents({ sessionId, plan, git, origin, commandLine, claim, time, replayOf });
    return await conductSession({ ...options, maxParallel }, { sessionId, epoch: FIRST_EPOCH, startMs }, opening);
  } catch (error) {
    if (!isOnRecord(workspace, sessionId)) dropPlan(folders, sessionId);
    throw error;
  }
}

/** True also if the registry does not answer. */
function isOnRecord({ registry }: Pick<Workspace, "registry">, sessionId: SessionId): boolean {
  try {
    return registry.findSessionHead(sessionId) !== null;
  } catch {
    return true;
  }
}

/** The events with which a session begins. */
export function openingEvents(opening: {
  sessionId: SessionId;
  plan: Pick<Plan, "workflow" | "file" | "project_path" | "runs">;
  git: GitState;
  origin: SessionOrigin | undefined;
  commandLine: string[];
  /** Undefined for a session that no process has, as it is only simulated. */
  claim: SessionOwnership | undefined;
  time: string;
  replayOf?: ReplayOrigin | undefined;
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
      ...(opening.claim === undefined ? {} : { claim: opening.claim }),
      ...(opening.replayOf === undefined ? {} : { replay_of: opening.replayOf }),
    },
    ...(plan.runs.length === 0 ? [] : [{ type: "runs.declared" as const, ...stamp, runs: plan.runs.map(declareRun) }]),
  ];
}

/** A planned run as its session's record declares it. */
export function declareRun({ run, task, needs, policy }: PlannedRun): DeclaredRun {
  const failures = { max_attempts: countAttempts(policy), allow_failure: policy.allowFailure };
  return { run, kind: task.kind, needs, ...describeSettings(task), ...failures };
}

function describeSettings(task: Task): Pick<DeclaredRun, "env" | "runtime_params" | "pipeline_names" | "filters"> {
  if (isProcess(task)) {
    const runtime_params = task.kind === "module" ? task.module.params : {};
    return { env: null, runtime_params, pipeline_names: [], filters: {} };
  }
  const { env, runtime_params, pipeline_names } = task;
  const used = Object.entries(task.filters).filter(([, names]) => names.length > 0);
  return { env, runtime_params, pipeline_names, filters: Object.fromEntries(used) as JsonObject };
}
