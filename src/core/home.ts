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
 * The same folder under another path is no copy, whatever is at its old path by now. Nor is one to which the old path leads.
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
  // Two paths of one folder, as by a bind mount.
  return leadsHere ? "none" : "renamed";
}

export function isSameFolder(one: FolderIdentity, other: FolderIdentity): boolean {
  return one.device === other.device && one.inode === other.inode;
}

/** A folder whose content was recorded below `from`, and lies below `to` now. */
export interface Move {
  from: string;
  to: string;
}

/**
 * Lists, for each former place of a state folder, oldest first, what has moved from there to the present one, the narrowest
 * folder first. The state folder itself has; its project only if the state folder was in a folder `.runweave` there, here,
 * and at each place in between: otherwise it was moved alone.
 */
export function listMoves(formers: readonly string[], now: string): [Move, ...Move[]][] {
  const isInProject = (path: string) => path.endsWith(STATE_FOLDER);
  return formers.map((from, index) => {
    const state = { from, to: now };
    if (![...formers.slice(index), now].every(isInProject)) return [state];
    return [state, { from: projectOf(from), to: projectOf(now) }];
  });
}

/** Returns the folder of the project: everything beside a state folder belongs to its project. */
export function projectOf(path: string): string {
  return path.endsWith(STATE_FOLDER) ? path.slice(0, -STATE_FOLDER.length) || "/" : path;
}
