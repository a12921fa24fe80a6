import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isAtOrBelow } from "../../core/place.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { SessionId } from "../../core/run-id.ts";
import { readRecord } from "../../processes/read-record.ts";
import { openKeyedDigest } from "../../runners/keyed-digest.ts";
import { planMarkPath } from "../kept-plan/keep-plan.ts";
import { isPrivate, keysFolder } from "./keys-folder.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A session's plan, by the digest that the log has of it. */
export interface MarkedPlan {
  session_id: SessionId;
  digest: string;
}

/**
 * Makes the mark of a plan of this user, with a key that lies outside of the state folder: who can write only to that can make no such mark.
 * Null without a folder for the key: then the user is asked before the plan is executed again.
 */
export function makePlanMark(folders: StateFolders, plan: MarkedPlan, environment: Environment): string | null {
  const keys = keysFolder(environment);
  if (isAtOrBelow(keys, folders.root)) return null;
  try {
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    return isPrivate(keys) ? digestMark(keys, plan) : null;
  } catch {
    // No home folder, or one that can't be written.
    return null;
  }
}

/** True if the mark beside a kept plan was made with this user's key. */
export function isOwnPlan(folders: StateFolders, plan: MarkedPlan, environment: Environment): boolean {
  const keys = keysFolder(environment);
  if (isAtOrBelow(keys, folders.root) || !isPrivate(keys) || !isPrivate(join(keys, "key"))) return false;
  try {
    return readRecord(planMarkPath(folders, plan.session_id)) === digestMark(keys, plan);
  } catch {
    return false;
  }
}

function digestMark(keys: string, { session_id, digest }: MarkedPlan): string {
  return openKeyedDigest(keys)(JSON.stringify(["kept plan", session_id, digest]));
}
