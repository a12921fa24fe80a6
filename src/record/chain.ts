import { hash } from "node:crypto";
import type { RunEvent } from "../core/event/event.ts";
import type { ChainLink } from "../core/port/registry.ts";

/** An event as the log keeps it. */
export interface LoggedEvent {
  seq: number;
  session_id: string;
  run_id: string | null;
  type: string;
  time: string;
  /** JSON. */
  body: string;
}

/** An event with its own hash, and that of the event before. */
export interface LoggedLink extends LoggedEvent {
  /** Null for what was logged before events had hashes. */
  hash: string | null;
  /** Null if the event before has none, or is not there. */
  previous: string | null;
  /** Null if there is no event before. */
  previous_seq: number | null;
}

export interface ChainHead {
  seq: number;
  hash: string;
}

/** Hex SHA-256 of an event and of the hash before it; the texts as they are stored, in one canonical array. */
export function hashLink(event: LoggedEvent, previous: string | null): string {
  const { seq, session_id, run_id, type, time, body } = event;
  return hash("sha256", JSON.stringify([previous ?? "", seq, session_id, run_id, type, time, body]), "hex");
}

/** Returns the form of `event` in the log. */
export function toLogged(event: RunEvent, seq: number): LoggedEvent {
  const { type, time, session_id, ...body } = event;
  return { seq, session_id, run_id: "run_id" in event ? event.run_id : null, type, time, body: JSON.stringify(body) };
}

export function toEvent({ type, time, session_id, body }: Pick<LoggedEvent, "type" | "time" | "session_id" | "body">) {
  return { type, time, session_id, ...JSON.parse(body) } as RunEvent;
}

/** Checks that the event is what was logged, after the event that was logged before it. */
export function checkLink(link: LoggedLink): ChainLink {
  return { seq: link.seq, hash: link.hash, fault: findFault(link), event: parseOrNull(link) };
}

function findFault(link: LoggedLink): string | null {
  const { seq, previous, previous_seq } = link;
  if (previous_seq === null && seq > 1) return `the event before it (number ${seq - 1}) is gone`;
  if (link.hash === null) return previous === null ? null : "it has no hash though the event before it has one";
  if (hashLink(link, previous) === link.hash) return null;
  return "its hash does not hold: it, or the hash before it, was changed";
}

function parseOrNull(link: LoggedLink): RunEvent | null {
  try {
    return toEvent(link);
  } catch {
    return null;
  }
}
