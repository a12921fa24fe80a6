import type { RemoteOwner, RemotePlace } from "./remote-storage.ts";

/** An object that a publication puts at a plain place on remote storage, and what stood there. */
export interface PlainObject {
  /** A URL. */
  path: string;
  /** The storage's checksum of what is published. */
  hash: string;
  /** Likewise of what stood there; null if nothing did. */
  former: string | null;
}

/** Where what stood there is kept: a place of the publishing run's own. */
export interface KeptObject extends PlainObject {
  kept: string | null;
}

/** How a published place stands to its publication; `former-lost` if what stood there before is kept no more. */
export type PublishedState = "published" | "as-before" | "changed" | "former-lost";

/** The storage that a version lies on, with the plain places there. Every method rejects with RemoteStorageError. */
export interface PlainStorage {
  /** Which objects the version would put below a place. */
  look(target: string): Promise<PlainObject[]>;
  /** Keeps what stands at a place, if it is what `former` says; if that is null, whatever it is. Done twice, it is done once. */
  keep(files: readonly { path: string; former: string | null; kept: string }[]): Promise<void>;
  /** Copies the version, object by object. */
  copy(target: string): Promise<void>;
  judge(files: readonly KeptObject[]): Promise<PublishedState[]>;
  /** Puts back what is kept, or removes what was put where nothing was. */
  undo(files: readonly { path: string; kept: string | null }[]): Promise<void>;
}

/** Reaches the storage of a version, by the project of the run that saved it. Starts nothing until it is asked something. */
export type OpenPlainStorage = (owner: RemoteOwner, version: RemotePlace) => PlainStorage;
