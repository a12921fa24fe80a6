import type { CatalogEntry } from "./run.ts";
import type { RunId, SessionId } from "./run-id.ts";
import type { TrashCause } from "./trash.ts";

/** One file or folder in the trash, and the one place that it may go back to. */
export interface TrashItem {
  /**
   * Name in the entry's folder: a number. For remote data it is the name of a receipt, which exists once all objects
   * have been moved.
   */
  name: string;
  /** Former place: an absolute path, or the URL of a folder on remote storage. */
  original: string;
  kind: "file" | "folder" | "remote";
  /** Size in bytes; null if it was not measured. */
  bytes: number | null;
  /** `sha256:...`; null where it was moved without being read. */
  hash: string | null;
  /** The move on remote storage; only of remote data. */
  remote?: RemoteItem;
}

export interface RemoteItem {
  /** Target on the same storage; null to delete the data where they are. */
  target: string | null;
  /** Through which it is reached. */
  entry: CatalogEntry | null;
  /** True if the data have to come back with their old checksum, as a run may consume them. */
  exact: boolean;
}

/** Description of an entry of the trash: written before the data move, never changed. */
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
  /** Files of a publication, and what each of them replaces; only of `published-over`. */
  published?: PublishedFile[];
  /** Each folder that a publication makes, outermost first. Older entries have `made` instead. */
  folders?: string[];
}

/** Object that a publication replaces on remote storage: its copy lies in the publishing run's own place there. */
export interface RemoteFormer {
  /** Checksum of the former object; null if there was none. */
  former: string | null;
  /** Place of the copy; null if there was no object. */
  kept: string | null;
}

/** A file at a plain path, as a publication found it and as it leaves it. */
export interface PublishedFile {
  /** Absolute, or a URL. */
  path: string;
  /** The folder or file that is published. */
  hash: string;
  /** Name of the item that holds the former file; null if there was none. */
  former: string | null;
  /** The topmost folder that was made for it; null if all were there. Only older entries have it. */
  made?: string | null;
  /** The former object, in the place of an item; only on remote storage. */
  remote?: RemoteFormer;
}
