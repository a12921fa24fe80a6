import type { SessionId } from "./run-id.ts";

/** Requests to a session under way. */
export type RequestAction = "cancel" | "pause" | "continue";

/** The process that asks. */
export interface Requester {
  user: string;
  host: string;
  pid: number;
}

/** Outcome of a request: carried out, or refused as there was no work left to do. */
export type RequestOutcome = "done" | "refused";

/** Something asked of a session by another process, as the registry keeps it. Times are ISO, UTC. */
export interface ControlRequest {
  request_id: string;
  session_id: SessionId;
  action: RequestAction;
  /** Null for the whole session. */
  run: string | null;
  /** True to kill the runs without asking them to end first. */
  force: boolean;
  by: Requester;
  made_time: string;
  /** Time at which the session's process took the request up; null until then. */
  accepted_time: string | null;
  answered_time: string | null;
  outcome: RequestOutcome | null;
  /** One sentence for people. */
  message: string | null;
}

/** `ann on vm-1 (process 4242)`. */
export function describeRequester({ user, host, pid }: Requester): string {
  return `${user} on ${host} (process ${pid})`;
}

/** The command that asks for it. */
export function nameAction(action: RequestAction): string {
  return action === "continue" ? "unpause" : action;
}

/** `cancel of train`, `unpause of the session`. */
export function formatRequest({ action, run, force }: Pick<ControlRequest, "action" | "run" | "force">): string {
  return `${force ? "forced " : ""}${nameAction(action)} of ${run ?? "the session"}`;
}
