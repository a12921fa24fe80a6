import { existsSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";

const WRITABLE_BY_ALL = 0o002;

/** The nearest folder at or above `from` that has a `.git`: the top of a checkout, or of a worktree. Null if there is none. */
export function findCheckout(from: string): string | null {
  return findAbove(from, ".git");
}

/** The nearest folder at or above `from` that holds `name`, among those of `listOwnFolders`. */
export function findAboveOwn(from: string, name: string): string | null {
  return listOwnFolders(from).folders.find((folder) => existsSync(join(folder, name))) ?? null;
}

/** Folders in which something is looked for, the nearest first. */
export interface OwnFolders {
  folders: string[];
  /** Reason, for people, why folders above don't count; null at the root of the file system. */
  end: string | null;
}

/**
 * Lists the folders at and above `from` with the same owner as `from`. They end at the top of a checkout, where the
 * owner of folders changes, and at folders in which all users may make files, such as /tmp.
 */
export function listOwnFolders(from: string): OwnFolders {
  const folders: string[] = [];
  let owner: number | undefined;
  for (let folder = from; ; folder = dirname(folder)) {
    const stats = statSync(folder, { throwIfNoEntry: false });
    const end = owner === undefined || stats === undefined ? null : describeForeign(folder, stats, owner);
    if (end !== null) return { folders, end };
    owner ??= stats?.uid;
    folders.push(folder);
    if (existsSync(join(folder, ".git"))) return { folders, end: `${folder} is the top of the checkout` };
    if (dirname(folder) === folder) return { folders, end: null };
  }
}

function describeForeign(folder: string, { uid, mode }: Stats, owner: number): string | null {
  if (uid !== owner) return `${folder} belongs to another user`;
  return isOpenToAll(mode) ? `everybody may write to ${folder}` : null;
}

/** True if all users may make files in a folder of this mode. */
export function isOpenToAll(mode: number): boolean {
  return (mode & WRITABLE_BY_ALL) !== 0;
}

function findAbove(from: string, name: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (dirname(folder) === folder) return null;
  }
}
