import type { CatalogEntry } from "../run.ts";
import type { RunId, SessionId } from "../run-id.ts";

/** Something on remote storage, and the catalog entry through which it is reached. */
export interface RemotePlace {
  location: string;
  entry: CatalogEntry | null;
}

/** Remote data of one attempt. Every method rejects with RemoteStorageError. */
export interface RemoteStorage {
  /** Counts objects and bytes below a place; both are 0 if there is none. */
  look(place: RemotePlace): Promise<{ objects: number; bytes: number }>;
  /**
   * Moves all objects below a place on its storage: each is copied and compared before the original goes. After an
   * interruption the same call goes on. With `exact`, all objects stay if the storage gives a copy another checksum.
   */
  move(place: RemotePlace, order: { target: string; exact: boolean }): Promise<void>;
  /** Removes all objects below a place. After an interruption the same call goes on. */
  remove(place: RemotePlace): Promise<void>;
}

/** The run that saved the data: its project has the credentials. */
export interface RemoteOwner {
  session_id: SessionId;
  run: string;
  run_id: RunId;
}

/** Reaches the storage of an attempt. No process is started before the first question. */
export type OpenRemoteStorage = (owner: RemoteOwner) => RemoteStorage;

/** The storage, or the project that has the credentials for it, refuses or can't be reached. */
export class RemoteStorageError extends Error {
  /** Stable code, for scripts. `copy-inexact`: a copy has another checksum, and all objects stayed. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RemoteStorageError";
    this.code = code;
  }
}
