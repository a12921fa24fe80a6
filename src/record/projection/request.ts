import type { ControlRequest } from "../../core/control-request.ts";
import type { SessionFinished } from "../../core/event/event.ts";
import type {
  RequestAccepted,
  RequestAnswered,
  RequestMade,
  SessionContinued,
  SessionPaused,
} from "../../core/event/request-event.ts";
import type { RequestRow, SessionRow } from "../rows.ts";
import { type Change, insertRow, updateRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { refuseEvent } from "./refuse-event.ts";

type RequestEvent = RequestMade | RequestAccepted | RequestAnswered;

/** Projects requests to a session: made, taken up and answered, each once and in this order. */
export function projectRequest(event: RequestEvent, session: SessionRow, current: CurrentRows): Change[] {
  const open = current.findOpenRequests(event.session_id).find(({ request_id }) => request_id === event.request_id);
  switch (event.type) {
    case "request.made":
      if (session.status !== "running") return refuseEvent(event, `the session has ended (${session.status})`);
      if (event.run !== null && current.findRunRow(event.session_id, event.run) === undefined) {
        return refuseEvent(event, `the session has no run "${event.run}"`);
      }
      return [insertRow("requests", toRequestRow(event))];
    case "request.accepted":
      if (open === undefined || open.accepted_time !== null) return refuseEvent(event, "no run waits for that");
      return [changeRequest(open, { accepted_time: event.time })];
    case "request.answered": {
      if (open === undefined) return refuseEvent(event, "it is unknown, or has its answer");
      const { time: answered_time, outcome, message } = event;
      return [changeRequest(open, { answered_time, outcome, message })];
    }
  }
}

export function projectPause(event: SessionPaused | SessionContinued, session: SessionRow): Change[] {
  if (session.status !== "running") return refuseEvent(event, `the session has ended (${session.status})`);
  const { session_id, paused_time } = session;
  const isPause = event.type === "session.paused";
  if (isPause !== (paused_time === null))
    return refuseEvent(event, `it is ${isPause ? "paused already" : "not paused"}`);
  const set = { paused_time: isPause ? event.time : null };
  return [updateRow("sessions", { key: { session_id }, expect: { paused_time }, set })];
}

/** Answers requests that came too late: the runs to be cancelled may be cancelled already. */
export function answerLate({ session_id, time, status }: SessionFinished, current: CurrentRows): Change[] {
  const message = `the session had ended: ${status}`;
  return current.findOpenRequests(session_id).map((row) => {
    const found = row.run === null ? status : current.findRunRow(session_id, row.run)?.status;
    const outcome = row.action === "cancel" && found === "cancelled" ? "done" : "refused";
    return changeRequest(row, { answered_time: time, outcome, message });
  });
}

export function toControlRequest(row: RequestRow): ControlRequest {
  const { request_id, session_id, action, run, made_time, accepted_time, answered_time, outcome, message } = row;
  const by = { user: row.user, host: row.host, pid: row.pid };
  const told = { made_time, accepted_time, answered_time, outcome, message };
  return { request_id, session_id, action, run, force: row.force === 1, by, ...told };
}

function toRequestRow({ session_id, request_id, action, run, force, by, time }: RequestMade): RequestRow {
  const { user, host, pid } = by;
  const open = { accepted_time: null, answered_time: null, outcome: null, message: null };
  return { session_id, request_id, action, run, force: Number(force), user, host, pid, made_time: time, ...open };
}

function changeRequest({ session_id, request_id }: RequestRow, set: Partial<RequestRow>): Change {
  return updateRow("requests", { key: { session_id, request_id }, expect: { answered_time: null }, set });
}
