import type { CatalogEntry } from "../run.ts";
import type { RunId, SessionId } from "../run-id.ts";

/** Something on remote storage, and the catalog entry through which it is reached. */
export interface RemotePlace {
  location: string;
  entry: CatalogEntry | null;
}

/** What one attempt has of its own on remote storage. Every method rejects with RemoteStorageError. */
export interface RemoteStorage {
  /** How much lies below a place: nothing if it is not there. */
  look(place: RemotePlace): Promise<{ objects: number; bytes: number }>;
  /**
   * Moves everything below a place on its storage: copied and compared before the original goes. Interrupted, the same call
   * goes on. With `exact` a copy that the storage gives another checksum counts for nothing, and everything stays.
   */
  move(place: RemotePlace, order: { target: string; exact: boolean }): Promise<void>;
  /** Likewise. */
  remove(place: RemotePlace): Promise<void>;
}

/** Whose data they are: its project has the credentials. */
export interface RemoteOwner {
  session_id: SessionId;
  run: string;
  run_id: RunId;
}

/** Reaches the storage of an attempt. Starts nothing until it is asked something. */
export type OpenRemoteStorage = (owner: RemoteOwner) => RemoteStorage;

/** The storage, or the project that has the credentials for it, refuses or can't be reached. */
export class RemoteStorageError extends Error {
  /** `copy-inexact`: a copy has another checksum, and nothing was moved. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RemoteStorageError";
    this.code = code;
  }
}
