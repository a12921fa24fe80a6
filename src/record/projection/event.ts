import type { DisposalEvent } from "../../core/event/disposal-event.ts";
import type { DeclaredRun, RunEvent, RunsDeclared, SessionFinished, SessionStarted } from "../../core/event/event.ts";
import type { NamingEvent } from "../../core/event/naming-event.ts";
import type { RollbackEvent } from "../../core/event/rollback-event.ts";
import type { VerdictEvent } from "../../core/event/verdict-event.ts";
import type { LoggedEvent } from "../../core/port/session-log.ts";
import type { RunRow, SessionRow } from "../rows.ts";
import { projectPublication, projectSignal } from "./attempt.ts";
import { type Change, insertRow, updateRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { projectDisposal } from "./disposal.ts";
import { projectNaming } from "./naming.ts";
import { refuseEvent } from "./refuse-event.ts";
import { answerLate, projectPause, projectRequest } from "./request.ts";
import { resumeSession, toOwnerColumns } from "./resume-session.ts";
import { projectRollback } from "./rollback.ts";
import { projectRun } from "./run.ts";
import { projectVerdict } from "./verdict.ts";

/**
 * Says what an event changes: the one place that does, for every registry and for a rebuild.
 * Throws if the event contradicts what is recorded, such as a change to a run that has ended. `seq`: its number in the log.
 */
export function projectEvent({ event, seq }: LoggedEvent, current: CurrentRows): Change[] {
  const session = current.findSessionRow(event.session_id);
  if (event.type === "session.started") return startSession(event, session);
  if (session === undefined) return refuseEvent(event, "its session is unknown");
  switch (event.type) {
    case "runs.declared":
      return declareRuns({ event, seq }, session, current);
    case "session.finished":
      return [...finishSession(event, session), ...answerLate(event, current)];
    case "request.made":
    case "request.accepted":
    case "request.answered":
      return projectRequest(event, session, current);
    case "session.paused":
    case "session.continued":
      return projectPause(event, session);
    case "session.resumed":
      return resumeSession(event, session, current);
    case "run.resolved":
    case "run.started":
    case "run.succeeded":
    case "run.failed":
    case "run.cancelled":
    case "run.skipped":
    case "run.reused":
      return projectRun(event, seq, current);
    case "dataset.published":
      return projectPublication(event, current);
    case "pipeline.started":
    case "node.started":
    case "node.finished":
    case "node.failed":
    case "dataset.loaded":
    case "dataset.saved":
    case "dataset.resumed":
    case "run.warned":
    case "environment.captured":
    case "metrics.reported":
      return projectSignal(event, current);
    default:
      return projectAfterthought(event, session, current);
  }
}

/** Projects events about an attempt, or its data, at any time after its end. */
function projectAfterthought(
  event: NamingEvent | DisposalEvent | RollbackEvent | VerdictEvent,
  session: SessionRow,
  current: CurrentRows,
): Change[] {
  switch (event.type) {
    case "alias.set":
    case "alias.removed":
    case "run.tagged":
    case "run.noted":
      return projectNaming(event, current);
    case "run.discarded":
    case "run.restored":
      return projectDisposal(event, current);
    case "publication.prepared":
    case "publication.set_aside":
    case "publication.undone":
    case "run.compensated":
    case "rollback.started":
    case "rollback.ended":
      return projectRollback(event, session, current);
    case "version.tainted":
    case "version.cleared":
    case "version.confirmed":
    case "version.replaced":
      return projectVerdict(event, current);
    default:
      return refuseUnknown(event);
  }
}

function startSession(event: SessionStarted, session: SessionRow | undefined): Change[] {
  if (session !== undefined) return refuseEvent(event, "it has already started");
  const {
    session_id,
    workflow,
    workflow_file,
    project_path,
    command_line,
    git,
    origin,
    replay_of,
    time,
    claim = null,
  } = event;
  return [
    insertRow("sessions", {
      session_id,
      workflow,
      workflow_file,
      project_path,
      command_line: JSON.stringify(command_line),
      git_commit: git.commit,
      git_dirty: git.dirty === null ? null : Number(git.dirty),
      status: "running",
      start_time: time,
      end_time: null,
      duration_ms: null,
      origin: origin === undefined ? null : JSON.stringify(origin),
      paused_time: null,
      rollback_status: null,
      rolled_back_time: null,
      replay_of: replay_of === undefined ? null : JSON.stringify(replay_of),
      ...toOwnerColumns(claim),
      mark: null,
    }),
  ];
}

interface Declaration {
  event: RunsDeclared;
  seq: number;
}

function declareRuns({ event, seq }: Declaration, session: SessionRow, current: CurrentRows): Change[] {
  refuseIfEnded(event, session);
  const names = new Set<string>();
  return event.runs.map((declared) => {
    if (names.has(declared.run) || current.findRunRow(event.session_id, declared.run) !== undefined) {
      return refuseEvent(event, `run "${declared.run}" is declared twice`);
    }
    names.add(declared.run);
    return insertRow("runs", toDeclaredRow(declared, { event, seq }, session));
  });
}

function toDeclaredRow(declared: DeclaredRun, { event, seq }: Declaration, session: SessionRow): RunRow {
  return {
    session_id: event.session_id,
    run: declared.run,
    workflow: session.workflow,
    kind: declared.kind,
    needs: JSON.stringify(declared.needs),
    env: declared.env,
    runtime_params: JSON.stringify(declared.runtime_params),
    pipeline_names: JSON.stringify(declared.pipeline_names),
    filters: JSON.stringify(declared.filters),
    status: "pending",
    attempt: 0,
    run_id: null,
    moment: event.time,
    moment_seq: seq,
    end_time: null,
    reason: null,
    skip_chain: null,
    // A log of an older version tells of neither.
    max_attempts: declared.max_attempts ?? 1,
    allow_failure: Number(declared.allow_failure ?? false),
  };
}

function finishSession(event: SessionFinished, session: SessionRow): Change[] {
  refuseIfEnded(event, session);
  return [
    updateRow("sessions", {
      key: { session_id: event.session_id },
      expect: { status: session.status },
      set: { status: event.status, end_time: event.time, duration_ms: event.duration_ms, paused_time: null },
    }),
  ];
}

function refuseIfEnded(event: RunEvent, session: SessionRow): void {
  if (session.status !== "running") refuseEvent(event, `the session has ended (${session.status})`);
}

function refuseUnknown(event: never): never {
  throw new Error(`no registry knows the event ${JSON.stringify(event)}`);
}
