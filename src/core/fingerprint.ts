/** Whether a run whose result is known already is executed: always (`off`), if need be (`on`), or never (`only`). */
export const CACHE_MODES = ["off", "on", "only"] as const;
export type CacheMode = (typeof CACHE_MODES)[number];

/** In the order in which people look for a cause. */
export const FINGERPRINT_GROUPS = ["task", "environment", "code", "parameters", "catalog", "inputs"] as const;
export type FingerprintGroup = (typeof FINGERPRINT_GROUPS)[number];

/** All that can change the result of a run: per group, what it is called -> a digest or a short text that tells it apart. */
export type FingerprintParts = Record<FingerprintGroup, Record<string, string>>;

/** Equal digests mean equal parts, and so equal results, as far as anybody can tell. */
export interface Fingerprint {
  /** `sha256:...` of the parts. */
  digest: string;
  parts: FingerprintParts;
}

/** A file that a result depends on, as it was when it was hashed: if it has changed meanwhile, nobody knows what was read. */
export interface WatchedFile {
  path: string;
  bytes: number;
  /** Milliseconds since the epoch; of a folder, the newest of its files. */
  modifiedMs: number;
  /** Another one whenever it was written, replaced or touched, whatever times it says; absent in plans of older sessions. */
  mark?: string;
}

/** What planning knows of a run's result; what it consumes from other runs is added when that is settled. */
export interface WorkDescription {
  mode: Exclude<CacheMode, "off">;
  /** It is to be executed although the result is known. */
  fresh: boolean;
  parts: FingerprintParts;
  watched: WatchedFile[];
  /** What the sources of its project looked like, so that a later change is noticed; null without a project. */
  sources: string | null;
  /** Why its result can't be told from what is known, each a clause for people; empty if it can. */
  obstacles: string[];
}
