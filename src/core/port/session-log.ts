import type { ControlRequest } from "../control-request.ts";
import type { RunEvent } from "../event/event.ts";
import type { OwnedSession, SessionLease, SessionOwnership } from "../ownership.ts";
import type { SessionId } from "../run-id.ts";

/** An event and its number in the log, from 1. */
export interface LoggedEvent {
  seq: number;
  event: RunEvent;
}

/**
 * Makes the mark of a session's log with an event, from the mark before it (empty for the first event) and the event's hash. Its key is the
 * user's own: who can write only the registry can make no mark. Null without a key.
 */
export type MarkLog = (before: string, hash: string) => string | null;

/** Feed of sessions that go on. Any process may write to them. */
export interface SessionFeed {
  /** The process that owns a session, or owned it last. Null for a session from before sessions had owners. */
  ownershipOf(sessionId: SessionId): SessionOwnership | null;
  /** Requests that were made of a session while it ran, oldest first. */
  requestsOf(sessionId: SessionId): ControlRequest[];
  /** The events behind one number of the log, oldest first, of one session or of all: an answer's last `seq` is where the next one goes on. */
  follow(position: { after: number; session?: SessionId }): Iterable<LoggedEvent>;
  /** Changes when another process has written. Cheap: it may be asked for many times a second. */
  othersMark(): string;
  /**
   * Mark that changes with every write, of this process too: an answer that was given under a mark is valid as long as
   * it stays.
   */
  changeMark(): string;
}

/** The log that a session is written to, under its lease. */
export interface SessionLog extends SessionFeed {
  /**
   * Stores the events and what follows from them in one transaction, durably: when it returns, they survive a loss of power.
   * A change to an attempt that has already ended is refused. Under an `epoch`, everything is refused with SessionLostError
   * once another process has taken the session over.
   */
  append(events: readonly RunEvent[], epoch?: number): void;
  /**
   * Stores the events that `judge` decides on, in the transaction in which it asks: no other process writes in between. `judge`
   * may also do something that has to happen under this condition; it must be quick, as all writers wait. With `owned`, throws
   * SessionLostError before `judge` is called if another process has taken that session over.
   */
  decide(judge: () => readonly RunEvent[], owned?: OwnedSession): void;
  /**
   * Keeps others from taking a session over until then. Throws SessionLostError if one has; while others write it waits but
   * briefly, as there is another renewal soon.
   */
  renewLease(lease: SessionLease): void;
}
