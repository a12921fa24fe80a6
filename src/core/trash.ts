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
