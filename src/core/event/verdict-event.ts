import type { Requester } from "../control-request.ts";
import type { RunId } from "../run-id.ts";
import type { OfRun } from "./event-stamp.ts";

/** Somebody says that a version is bad: nothing is to be made of it, nor of what was made of it. */
export interface VersionTainted extends OfRun<"version.tainted"> {
  run_id: RunId;
  dataset: string;
  reason: string;
  by: Requester;
  /** Other versions with the same content are not meant. */
  only_this?: true;
}

/** Somebody says that it is not bad after all. */
export interface VersionCleared extends OfRun<"version.cleared"> {
  run_id: RunId;
  dataset: string;
  reason: string | null;
  by: Requester;
}

/** Made of what is bad, it came out equal when it was made again of what is not: nothing below it is touched. */
export interface VersionConfirmed extends OfRun<"version.confirmed"> {
  run_id: RunId;
  dataset: string;
  /** The attempt that saved the same content. */
  equal_to: RunId;
}

/** Another attempt has saved it anew, of what is not bad: nobody needs to replace it any more. */
export interface VersionReplaced extends OfRun<"version.replaced"> {
  run_id: RunId;
  dataset: string;
  replaced_by: RunId;
}

/** What is said of versions, whenever it turns out. */
export type VerdictEvent = VersionTainted | VersionCleared | VersionConfirmed | VersionReplaced;

/** A statement about a version. */
export interface VersionVerdict {
  run_id: RunId;
  dataset: string;
  kind: "tainted" | "cleared" | "confirmed" | "replaced";
  reason: string | null;
  /** Null if it came of a replay. */
  by: Requester | null;
  /** Of what is confirmed: the attempt that saved the same content; of what is replaced: the attempt whose version does. */
  other_run_id: RunId | null;
  time: string;
  /** Only of what is tainted, where other versions with the same content are not meant. */
  only_this?: true;
}
