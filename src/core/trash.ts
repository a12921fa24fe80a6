import type { RunId, SessionId } from "./run-id.ts";

/** What becomes of the data that an attempt saved which has failed, or was cancelled or cut off. */
export type CleanupPolicy = "keep" | "trash" | "delete";

export const CLEANUP_POLICIES = ["keep", "trash", "delete"] as const satisfies readonly CleanupPolicy[];

/** Why something is in the trash: its attempt failed; retention; it stood where a version was published; it was taken back. */
export type TrashCause = "cleanup" | "gc" | "published-over" | "rollback";

/** One file or folder in the trash, and the one place that it may go back to. */
export interface TrashItem {
  /** Its name in the entry's folder: a number. */
  name: string;
  /** Where it was: an absolute path. */
  original: string;
  kind: "file" | "folder";
  /** Null where nobody measured it. */
  bytes: number | null;
  /** `sha256:...`; null where it was moved without being read. */
  hash: string | null;
}

/** What an entry of the trash says of itself: written before anything moves, never changed. */
export interface TrashManifest {
  format: 1;
  /** The name of its folder. */
  id: string;
  cause: TrashCause;
  session_id: SessionId;
  run: string;
  run_id: RunId;
  /** ISO, UTC. */
  time: string;
  /** One sentence for people. */
  reason: string;
  items: TrashItem[];
  /** Of `published-over`: each file that a publication puts somewhere, and what stood there. */
  published?: PublishedFile[];
}

/** A file at a plain path, as a publication found it and as it leaves it. */
export interface PublishedFile {
  path: string;
  /** Of what is published. */
  hash: string;
  /** The name of the item that holds what stood there; null if nothing did. */
  former: string | null;
  /** The topmost folder that was made for it; null if all were there. */
  made: string | null;
}

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

/** `was collected on 2026-11-23; restore it with ...`: the rest of a sentence about a run or a version. */
export function tellDiscard({
  run_id,
  cause,
  state,
  time,
}: Pick<Discard, "run_id" | "cause" | "state" | "time">): string {
  const what = cause === "gc" ? "collected" : "cleaned up";
  const when = time.slice(0, 10);
  if (state === "deleted") return `was ${what}, and deleted on ${when}: run it again`;
  return `was ${what} on ${when}; restore it with \`runweave trash restore ${run_id}\``;
}
