const STATE_FOLDER = "/.runweave";

/** A folder on this machine, told so that a copy of it, or another one in its place, is not taken for it. */
export interface FolderIdentity {
  /** Symlinks resolved. */
  path: string;
  device: string;
  inode: string;
}

/** A place of the state folder, from some event on. */
export interface Home extends FolderIdentity {
  /** `renamed`: the same folder under another path. `copied`: another folder, which holds what the one before held. */
  cause: "made" | "renamed" | "copied";
  /** The number of the last event before: what was logged later was logged here. */
  after_seq: number;
  /** ISO, UTC. */
  time: string;
  /** Time at which a user said that a copy is a state folder of its own; null until then. */
  settled_time: string | null;
}

/**
 * Relation of a state folder to its last place on record. `replaced`: another folder is at the same path, as after a
 * restore.
 */
export type HomeChange = "none" | "made" | "replaced" | "renamed" | "copied";

/**
 * Compares a state folder with its last place on record, undefined if it has none. `lookAt` says which folder is at a path now.
 * The same folder under another path is no copy, unless another folder is at its old path: then that one has it. Nor is one
 * to which the old path leads.
 */
export function judgeHome(
  last: FolderIdentity | undefined,
  now: FolderIdentity,
  lookAt: (path: string) => FolderIdentity | null,
): HomeChange {
  if (last === undefined) return "made";
  if (last.path === now.path) return isSameFolder(last, now) ? "none" : "replaced";
  const before = lookAt(last.path);
  const leadsHere = before !== null && isSameFolder(before, now);
  // Moved to another disk, with a link at the old path: what was recorded there is found here.
  if (!isSameFolder(last, now)) return leadsHere ? "renamed" : "copied";
  if (before === null) return "renamed";
  // Two paths of one folder, as by a bind mount.
  return leadsHere ? "none" : "copied";
}

export function isSameFolder(one: FolderIdentity, other: FolderIdentity): boolean {
  return one.device === other.device && one.inode === other.inode;
}

/** Returns the folder of the project: everything beside a state folder belongs to its project. */
export function projectOf(path: string): string {
  return path.endsWith(STATE_FOLDER) ? path.slice(0, -STATE_FOLDER.length) || "/" : path;
}
