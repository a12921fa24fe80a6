import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { PlainFile } from "../core/read.ts";
import { findChange, formatChange } from "./find-change.ts";
import { describeTreeChange } from "./tree/tree-change.ts";

/**
 * Finds files and folders that have changed since the plan was made, one sentence each. Size and time are looked at,
 * and the content where they differ: a file that was only touched is unchanged. Remote data are left to the run, which
 * can reach them.
 */
export async function findChangedFiles(files: Readonly<Record<string, PlainFile>>): Promise<string[]> {
  const changed = await Promise.all(
    Object.entries(files).map(async ([dataset, file]) => {
      const now = await describeChange(file);
      const { path, bytes, hash, tree } = file;
      const size = tree === undefined ? `${bytes} bytes` : `${tree.files} files, ${bytes} bytes`;
      const was = hash === null ? size : `${hash} (${size})`;
      return now === null ? [] : [`'${dataset}' was ${was} when the plan was made, and ${path} ${now}`];
    }),
  );
  return changed.flat();
}

async function describeChange({ path, bytes, modifiedMs, hash, tree }: PlainFile): Promise<string | null> {
  if (!isAbsolute(path)) return null;
  try {
    const found = await stat(path);
    if (tree !== undefined && found.isDirectory()) return await describeTreeChange({ path, hash, tree });
    if (found.size === bytes && found.mtimeMs === modifiedMs) return null;
    if (hash === null) return `has ${found.size} bytes, last changed ${found.mtime.toISOString()}`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? "is gone" : `can't be read: ${message}`;
  }
  const change = await findChange({ location: path, bytes, hash, modifiedMs: null });
  return change === null ? null : formatChange(change);
}
