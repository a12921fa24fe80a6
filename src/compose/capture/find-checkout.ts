import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder at or above `from` that has a `.git`: the top of a checkout, or of a worktree. Null if there is none. */
export function findCheckout(from: string): string | null {
  return findAbove(from, ".git");
}

/** The nearest folder at or above `from` that holds `name`. */
export function findAbove(from: string, name: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (dirname(folder) === folder) return null;
  }
}
