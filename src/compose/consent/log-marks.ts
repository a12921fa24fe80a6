import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isAtOrBelow } from "../../core/place.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { MarkLog } from "../../core/port/session-log.ts";
import { openKeyedDigest } from "../../runners/keyed-digest.ts";
import { isPrivate, keysFolder } from "./keys-folder.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Root = Pick<StateFolders, "root">;

/** A session's log: its mark, and the hash of each of its events in their order. Null for an event that has none. */
export interface MarkedLog {
  mark: string | null;
  hashes: readonly (string | null)[];
}

/**
 * Opens the marks of what this user logs. Their key lies outside of the state folder, and is made with the first mark: who can write only the
 * state folder can make none. Without a folder for the key there are no marks, and the user is asked before a session is executed again.
 */
export function openLogMarks(folders: Root, environment: Environment): MarkLog {
  let mark: MarkLog | undefined;
  return (before, hash) => {
    mark ??= openMarks(makeKeysFolder(folders, environment));
    return mark(before, hash);
  };
}

/** True if every event of a session's log was marked with this user's key, and none is missing before the last one. */
export function isOwnLog({ mark, hashes }: MarkedLog, folders: Root, environment: Environment): boolean {
  const keys = keysFolder(environment);
  if (mark === null || isAtOrBelow(keys, folders.root) || !isPrivate(keys) || !isPrivate(join(keys, "key")))
    return false;
  const markLog = openMarks(keys);
  let made: string | null = "";
  for (const hash of hashes) made = made === null || hash === null ? null : markLog(made, hash);
  return hashes.length > 0 && made === mark;
}

function makeKeysFolder({ root }: Root, environment: Environment): string | null {
  const keys = keysFolder(environment);
  if (isAtOrBelow(keys, root)) return null;
  try {
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    return isPrivate(keys) ? keys : null;
  } catch {
    // No home folder, or one that can't be written.
    return null;
  }
}

function openMarks(keys: string | null): MarkLog {
  if (keys === null) return () => null;
  const digest = openKeyedDigest(keys);
  return (before, hash) => digest(JSON.stringify(["log of a session", before, hash]));
}
