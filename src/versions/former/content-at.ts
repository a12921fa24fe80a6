import { type BigIntStats, lstatSync } from "node:fs";
import { kindAt } from "../data-kind.ts";
import { hashPath } from "../hash.ts";
import { findBlocker } from "../layout.ts";
import { isThere } from "../move-path.ts";

/**
 * The hash of what is at a path, or words for what has none, which differ from every hash: a link, as nothing is published as one;
 * a pipe; a file where a folder above has to be. Null for nothing.
 */
export async function contentAt(path: string): Promise<string | null> {
  if (findBlocker(path) !== null) return "something above it is not a folder";
  if (!isThere(path)) return null;
  if (lstatSync(path).isSymbolicLink()) return "a link";
  const kind = await kindAt(path).catch(() => "other");
  return kind === "other" ? "no data" : (await hashPath({ path })).hash;
}

/** The inode at a path, as it was at one moment. Nothing is read for it. */
export interface Stand {
  /** Another one once it was written to, or another file stands there. */
  content: string;
  /** Another one also once anything else of it has changed, as the number of its links. */
  mark: string;
}

/** Null if nothing is there. */
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
