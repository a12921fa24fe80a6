import { existsSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";

const WRITABLE_BY_ALL = 0o002;

/** The nearest folder at or above `from` that has a `.git`: the top of a checkout, or of a worktree. Null if there is none. */
export function findCheckout(from: string): string | null {
  return findAbove(from, ".git");
}

/**
 * The nearest folder at or above `from` that holds `name`. The search ends at the top of a checkout, where the owner of folders
 * changes, and at folders in which everybody may make something, such as /tmp: what lies above is not of whoever owns `from`.
 */
export function findAboveOwn(from: string, name: string): string | null {
  let owner: number | undefined;
  for (let folder = from; ; folder = dirname(folder)) {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (owner !== undefined && stats !== undefined && isOfOthers(stats, owner)) return null;
    owner ??= stats?.uid;
    if (existsSync(join(folder, name))) return folder;
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return null;
  }
}

function isOfOthers({ uid, mode }: Stats, owner: number): boolean {
  return uid !== owner || (mode & WRITABLE_BY_ALL) !== 0;
}

function findAbove(from: string, name: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (dirname(folder) === folder) return null;
  }
}
