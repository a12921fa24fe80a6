/** Execution of a run whose result is known: always (`off`), only when needed (`on`), or never (`only`). */
export const CACHE_MODES = ["off", "on", "only"] as const;
export type CacheMode = (typeof CACHE_MODES)[number];

/** Groups in the order in which people look for a cause. */
export const FINGERPRINT_GROUPS = ["task", "environment", "code", "parameters", "catalog", "inputs"] as const;
export type FingerprintGroup = (typeof FINGERPRINT_GROUPS)[number];

/** All that can change the result of a run: per group, what it is called -> a digest or a short text that tells it apart. */
export type FingerprintParts = Record<FingerprintGroup, Record<string, string>>;

/** Equal digests mean equal parts, and so equal results as far as they depend on these parts. */
export interface Fingerprint {
  /** `sha256:...` of the parts. */
  digest: string;
  parts: FingerprintParts;
}

/**
 * A file that a result depends on, as it was when it was hashed. If it has changed since, the content that the run read
 * is unknown.
 */
export interface WatchedFile {
  path: string;
  bytes: number;
  /** Milliseconds since the epoch; of a folder, the newest of its files. */
  modifiedMs: number;
  /**
   * Mark of the file: it changes with every write, replacement or touch, even if the file's times do not. Absent in
   * plans of older sessions.
   */
  mark?: string;
}

/** Facts that planning knows of a run's result; versions from other runs are added when they are settled. */
export interface WorkDescription {
  mode: Exclude<CacheMode, "off">;
  /** True if the run is to be executed although its result is known. */
  fresh: boolean;
  parts: FingerprintParts;
  watched: WatchedFile[];
  /** Digest of the sources of the run's project, so that a later change is noticed; null without a project. */
  sources: string | null;
  /** Reasons why the result can't be told from what is known, each a clause for people; empty if it can. */
  obstacles: string[];
}
