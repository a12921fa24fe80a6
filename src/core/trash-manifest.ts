import type { CatalogEntry } from "./run.ts";
import type { RunId, SessionId } from "./run-id.ts";
import type { TrashCause } from "./trash.ts";

/** One file or folder in the trash, and the one place that it may go back to. */
export interface TrashItem {
  /** Its name in the entry's folder: a number. Of what is remote, that of a receipt: it is there once all has been moved. */
  name: string;
  /** Where it was: an absolute path, or the URL of a folder on remote storage. */
  original: string;
  kind: "file" | "folder" | "remote";
  /** Null where nobody measured it. */
  bytes: number | null;
  /** `sha256:...`; null where it was moved without being read. */
  hash: string | null;
  /** Of what is remote. */
  remote?: RemoteItem;
}

export interface RemoteItem {
  /** Where it goes, on the same storage; null to be deleted where it is. */
  target: string | null;
  /** Through which it is reached. */
  entry: CatalogEntry | null;
  /** Whether it has to come back with the checksum that it had, as somebody may consume it. */
  exact: boolean;
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
  /** Each folder that a publication makes, outermost first. Older entries have `made` instead. */
  folders?: string[];
}

/** What a publication replaces on remote storage: its copy lies in the publishing run's own place there. */
export interface RemoteFormer {
  /** Its checksum; null if nothing stood there. */
  former: string | null;
  /** Where it is kept; null likewise. */
  kept: string | null;
}

/** A file at a plain path, as a publication found it and as it leaves it. */
export interface PublishedFile {
  /** Absolute, or a URL. */
  path: string;
  /** The folder or file that is published. */
  hash: string;
  /** The name of the item that holds what stood there; null if nothing did. */
  former: string | null;
  /** The topmost folder that was made for it; null if all were there. Only older entries have it. */
  made?: string | null;
  /** Of what is on remote storage, in the place of an item. */
  remote?: RemoteFormer;
}
