import type { SessionId } from "./run-id.ts";

/** What may be asked of a session under way. */
export type RequestAction = "cancel" | "pause" | "continue";

/** Who asks. */
export interface Requester {
  user: string;
  host: string;
  pid: number;
}

/** What became of a request: carried out, or not, because there was nothing left to do. */
export type RequestOutcome = "done" | "refused";

/** Something asked of a session by another process, as the registry keeps it. Times are ISO, UTC. */
export interface ControlRequest {
  request_id: string;
  session_id: SessionId;
  action: RequestAction;
  /** Null for the whole session. */
  run: string | null;
  /** Without asking the runs to end by themselves. */
  force: boolean;
  by: Requester;
  made_time: string;
  /** When the session's process took it up; null until then. */
  accepted_time: string | null;
  answered_time: string | null;
  outcome: RequestOutcome | null;
  /** One sentence for people. */
  message: string | null;
}

/** `ann on vm-1 (process 4242)`. */
export function tellRequester({ user, host, pid }: Requester): string {
  return `${user} on ${host} (process ${pid})`;
}

/** The command that asks for it. */
export function nameAction(action: RequestAction): string {
  return action === "continue" ? "unpause" : action;
}

/** `cancel of train`, `unpause of the session`. */
export function tellRequest({ action, run, force }: Pick<ControlRequest, "action" | "run" | "force">): string {
  return `${force ? "forced " : ""}${nameAction(action)} of ${run ?? "the session"}`;
}
