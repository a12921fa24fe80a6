import type { RunId, SessionId } from "./run-id.ts";
import { formatLocalDay } from "./text/local-time.ts";

/** What becomes of the data that an attempt saved which has failed, or was cancelled or cut off. */
export type CleanupPolicy = "keep" | "trash" | "delete";

export const CLEANUP_POLICIES = ["keep", "trash", "delete"] as const satisfies readonly CleanupPolicy[];

/** Why something is in the trash: its attempt failed; retention; it stood where a version was published; it was taken back. */
export type TrashCause = "cleanup" | "gc" | "published-over" | "rollback";

/** What stood where a version was published, kept so that the publication can be taken back. */
export interface Former {
  /** The one that published. */
  session_id: SessionId;
  run_id: RunId;
  dataset: string;
  location: string;
  /** Of the trash, with the hash of its manifest. */
  entry: string;
  manifest: string;
  time: string;
  /** When the publication was taken back; null while it stands. */
  undone_time: string | null;
}

/** What became of the command that takes a run back. */
export interface Compensation {
  session_id: SessionId;
  run_id: RunId;
  status: "success" | "failed";
  /** How it ended, for people. */
  message: string;
  log: string;
  time: string;
}

/** Where the rolling back of a session stands. */
export interface Rollback {
  status: "running" | "done" | "failed";
  /** When it came to that. */
  time: string;
}

/** What became of everything that an attempt saved, as the registry keeps it. */
export interface Discard {
  run_id: RunId;
  cause: "cleanup" | "gc";
  /** `trashed`: it can be restored. `deleted`: it can't. */
  state: "trashed" | "deleted";
  /** Of the trash. */
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
  /** Of the trash. */
  entry: string;
}

/** `was collected on 2026-11-23; restore it with ...`: the rest of a sentence about a run or a version. */
export function tellDiscard({
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
