import type { ControlRequest, Requester, RequestOutcome } from "../control-request.ts";
import type { Of } from "./event-stamp.ts";

/** Somebody, mostly another process, asks something of a session under way. */
export interface RequestMade extends Of<"request.made">, Asked {
  request_id: string;
}

/** The session's process has taken it up. */
export interface RequestAccepted extends Of<"request.accepted">, Asked {
  request_id: string;
}

export interface RequestAnswered extends Of<"request.answered">, Pick<Asked, "action" | "run"> {
  request_id: string;
  outcome: RequestOutcome;
  message: string;
}

type Asked = Pick<ControlRequest, "action" | "run" | "force" | "by">;

/** From now on no run starts; those under way go on. */
export interface SessionPaused extends Of<"session.paused"> {
  by: Requester;
}

export interface SessionContinued extends Of<"session.continued"> {
  by: Requester;
}
