import type { RemoteOwner, RemotePlace } from "./remote-storage.ts";

/** An object that a publication puts at a plain place on remote storage, and what stood there. */
export interface PlainObject {
  /** A URL. */
  path: string;
  /** The storage's checksum of what is published. */
  hash: string;
  /** Checksum of the object that stood there before; null if there was none. */
  former: string | null;
}

/** Copy of the object that stood there, in a place of the publishing run's own. */
export interface KeptObject extends PlainObject {
  kept: string | null;
}

/** State of a published place; `former-lost` if the former object is not kept any more. */
export type PublishedState = "published" | "as-before" | "changed" | "former-lost";

/** The storage that a version lies on, with the plain places there. Every method rejects with RemoteStorageError. */
export interface PlainStorage {
  /** Lists the objects that the version would put below a place. */
  look(target: string): Promise<PlainObject[]>;
  /**
   * Keeps a copy of each object, if its checksum is `former`; with null, of any object. A second call changes no copy.
   */
  keep(files: readonly { path: string; former: string | null; kept: string }[]): Promise<void>;
  /** Copies the version, object by object. */
  copy(target: string): Promise<void>;
  judge(files: readonly KeptObject[]): Promise<PublishedState[]>;
  /** Puts kept objects back, and removes published ones that replaced no object. */
  undo(files: readonly { path: string; kept: string | null }[]): Promise<void>;
}

/**
 * Reaches the storage of a version, by the project of the run that saved it. No process is started before the first
 * question.
 */
export type OpenPlainStorage = (owner: RemoteOwner, version: RemotePlace) => PlainStorage;
