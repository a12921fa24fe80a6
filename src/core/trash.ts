import type { RunId, SessionId } from "./run-id.ts";
import { formatLocalDay } from "./text/local-time.ts";

/** Treatment of the data of an attempt that has failed, or was cancelled or cut off. */
export type CleanupPolicy = "keep" | "trash" | "delete";

export const CLEANUP_POLICIES = ["keep", "trash", "delete"] as const satisfies readonly CleanupPolicy[];

/** Reason why data are in the trash: a failed attempt, retention, a publication that replaced them, a rollback. */
export type TrashCause = "cleanup" | "gc" | "published-over" | "rollback";

/** File that a publication replaced, kept so that the publication can be taken back. */
export interface Former {
  /** The one that published. */
  session_id: SessionId;
  run_id: RunId;
  dataset: string;
  location: string;
  /** Entry of the trash, with the hash of its manifest. */
  entry: string;
  manifest: string;
  time: string;
  /** Time at which the publication was taken back; null while it stands. */
  undone_time: string | null;
}

/** Outcome of the command that takes a run back. */
export interface Compensation {
  session_id: SessionId;
  run_id: RunId;
  status: "success" | "failed";
  /** End of the command, for people. */
  message: string;
  log: string;
  time: string;
}

/** State of the rollback of a session. */
export interface Rollback {
  status: "running" | "done" | "failed";
  /** Time of the last change of that state. */
  time: string;
}

/** State of all data that an attempt saved, as the registry keeps it. */
export interface Discard {
  run_id: RunId;
  cause: "cleanup" | "gc";
  /** `trashed`: it can be restored. `deleted`: it can't. */
  state: "trashed" | "deleted";
  /** Entry of the trash. */
  entry: string;
  /** `sha256:...` of the entry's manifest. */
  manifest: string;
  reason: string;
  bytes: number | null;
  time: string;
}

/** An attempt whose data were collected and are read again: they come back from the trash first. */
export interface RestoredRun {
  run: string;
  run_id: RunId;
  /** Entry of the trash. */
  entry: string;
}

/** `was collected on 2026-11-23; restore it with ...`: the rest of a sentence about a run or a version. */
export function formatDiscard({
  run_id,
  cause,
  state,
  time,
}: Pick<Discard, "run_id" | "cause" | "state" | "time">): string {
  const what = cause === "gc" ? "collected" : "cleaned up";
  const when = formatLocalDay(time);
  if (state === "deleted") return `was ${what}, and deleted on ${when}: run it again`;
  return `was ${what} on ${when}; restore it with \`runweave trash restore ${run_id}\``;
}
