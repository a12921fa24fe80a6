import type { SessionId } from "./run-id.ts";

/** A process that has a session, told so that others can check whether it still runs. */
export interface SessionOwner {
  pid: number;
  /** Clock ticks since boot; null where the system does not tell. */
  start_time: number | null;
  boot_id: string | null;
  /** The machine, and the container on it: a pid of another host has no meaning here. */
  host: string;
}

/** Record of the process that owns a session, or owned it last. */
export interface SessionOwnership {
  owner: SessionOwner;
  /**
   * 1 for the process that started the session, one more for each that took it over. Writes under an older epoch are
   * refused.
   */
  epoch: number;
  /** ISO, UTC. The owner renews it; from then on others may take over though they can't tell whether it is alive. */
  lease_until: string;
}

/** A session, and the epoch under which a process has it. */
export interface OwnedSession extends Pick<SessionOwnership, "epoch"> {
  session_id: SessionId;
}

/** Time until which the owner keeps a session from other processes. */
export interface SessionLease extends OwnedSession, Pick<SessionOwnership, "lease_until"> {}

/** `process 4242 on vm-1`. */
export function describeOwner({ pid, host }: SessionOwner): string {
  return `process ${pid} on ${host}`;
}
