import type { ControlRequest, Requester, RequestOutcome } from "../control-request.ts";
import type { Of } from "./event-stamp.ts";

/** A request to a session under way, mostly from another process. */
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

/** No run starts from now on; runs under way go on. */
export interface SessionPaused extends Of<"session.paused"> {
  by: Requester;
}

export interface SessionContinued extends Of<"session.continued"> {
  by: Requester;
}
