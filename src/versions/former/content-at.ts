import { type BigIntStats, lstatSync } from "node:fs";
import { kindAt } from "../data-kind.ts";
import { hashPath } from "../hash.ts";
import { findBlocker } from "../layout.ts";
import { isThere } from "../move-path.ts";

/**
 * Returns the hash of the data at a path. A text that differs from every hash stands for a link, as links are never
 * published, for a pipe, and for a file in the place of a folder above. Null if the path does not exist.
 */
export async function contentAt(path: string): Promise<string | null> {
  if (findBlocker(path) !== null) return "something above it is not a folder";
  if (!isThere(path)) return null;
  if (lstatSync(path).isSymbolicLink()) return "a link";
  const kind = await kindAt(path).catch(() => "other");
  return kind === "other" ? "no data" : (await hashPath({ path })).hash;
}

/** The inode at a path, as it was at one moment. The file is not read for it. */
export interface Stand {
  /** Another one once it was written to, or another file stands there. */
  content: string;
  /** Another one also once anything else of it has changed, as the number of its links. */
  mark: string;
}

/** Returns the inode; null if the path does not exist. */
export function standAt(path: string): Stand | null {
  const found = findInode(path);
  if (found === undefined) return null;
  const { dev, ino, size, mtimeNs, ctimeNs } = found;
  const content = [dev, ino, size, mtimeNs].join(":");
  return { content, mark: `${content}:${ctimeNs}` };
}

function findInode(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}
