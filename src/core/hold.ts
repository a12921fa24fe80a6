import type { SessionOwner } from "./ownership.ts";
import type { SharedPlace } from "./place.ts";
import type { RunId, SessionId } from "./run-id.ts";

/** Kinds of work that need places for themselves. */
export type HoldAct = "run" | "publish" | "clean-up" | "rollback" | "gc" | "trash restore" | "trash empty";

/** Places that one act wants for itself, all of them at once. */
export interface HoldRequest {
  /** Name of the act, unique among all: the run_id of an attempt, for one. A request under the same name takes its hold over. */
  holder: string;
  act: HoldAct;
  /** Absolute, symlinks followed; URLs for what lies on remote storage. */
  places: readonly SharedPlace[];
  owner: SessionOwner;
  session_id: SessionId | null;
  run: string | null;
  /** The attempt whose processes may use the places although the owner is gone; null for an act without processes. */
  run_id: RunId | null;
  /** Epoch under which the owner has the session: the hold lapses when another process takes the session over. Null for an attempt's hold. */
  epoch: number | null;
  /** ISO, UTC. */
  time: string;
}

/** A request on record: granted, or waiting for its turn. */
export interface Hold extends Omit<HoldRequest, "time"> {
  /** Position in the queue; the lowest goes first. */
  seq: number;
  asked_time: string;
  /** Time since which the act has its places; null while it waits. */
  held_time: string | null;
  /** The record says that the act is over: its attempt has ended, or another process has its session. */
  is_ended: boolean;
}

/** The queue for places of all processes that share a registry. Each method is one transaction. */
export interface HoldQueue {
  /**
   * Removes the holds numbered `lapsed`, queues the request unless its holder is in the queue, and grants it unless an earlier
   * hold conflicts. Returns the conflicting holds, the first in line first: none if the places are had now.
   */
  ask(request: HoldRequest, lapsed: readonly number[]): Hold[];
  /** The holds that conflict with a holder's and come before it, likewise. None if the holder is not in the queue. */
  before(holder: string): Hold[];
  /** Takes a holder out of the queue, if this owner still has it. */
  release(holder: string, owner: SessionOwner): void;
  /** Every hold, in the order of the queue. */
  list(): Hold[];
}
