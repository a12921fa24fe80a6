import type { Requester } from "../control-request.ts";
import type { RunId } from "../run-id.ts";
import type { OfRun } from "./event-stamp.ts";

/** A user says that a version is bad: no run may consume it, nor what was made of it. */
export interface VersionTainted extends OfRun<"version.tainted"> {
  run_id: RunId;
  dataset: string;
  reason: string;
  by: Requester;
  /** Other versions with the same content are not meant. */
  only_this?: true;
}

/** A user says that the version is not bad after all. */
export interface VersionCleared extends OfRun<"version.cleared"> {
  run_id: RunId;
  dataset: string;
  reason: string | null;
  by: Requester;
}

/**
 * The version was made of bad data, and came out equal when it was made again of good data: no version below it is
 * touched.
 */
export interface VersionConfirmed extends OfRun<"version.confirmed"> {
  run_id: RunId;
  dataset: string;
  /** The attempt that saved the same content. */
  equal_to: RunId;
}

/** Another attempt has saved the dataset anew from good data: the bad version needs no replacement any more. */
export interface VersionReplaced extends OfRun<"version.replaced"> {
  run_id: RunId;
  dataset: string;
  replaced_by: RunId;
}

/** Verdicts on versions, given at any time. */
export type VerdictEvent = VersionTainted | VersionCleared | VersionConfirmed | VersionReplaced;

/** A statement about a version. */
export interface VersionVerdict {
  run_id: RunId;
  dataset: string;
  kind: "tainted" | "cleared" | "confirmed" | "replaced";
  reason: string | null;
  /** Null if it came of a replay. */
  by: Requester | null;
  /**
   * Confirmed version: the attempt that saved the same content. Replaced version: the attempt whose version replaces
   * it.
   */
  other_run_id: RunId | null;
  time: string;
  /** True if the verdict is on this version alone, and not on others with the same content. */
  only_this?: true;
}
