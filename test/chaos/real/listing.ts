import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { normalizePath } from "./point.ts";
import type { TrialFolder } from "./trial-folder.ts";

/** Companions of a database are there while somebody has it open, and after a kill. */
const COMPANION = /\.sqlite-(wal|shm)$/;

/** The path of each file and folder below a folder, relative to it, folders with a slash at the end. Links are followed by nobody. */
export function listTree(folder: string, at: string = folder): string[] {
  return readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    const path = join(at, entry.name);
    if (!entry.isDirectory()) return [relative(folder, path)];
    return [`${relative(folder, path)}/`, ...listTree(folder, path)];
  });
}

/** Kinds of all that a trial has below its folder: paths without what differs from run to run. */
export function listKinds({ folder }: TrialFolder): Set<string> {
  return new Set(
    listTree(folder)
      .filter((path) => !COMPANION.test(path))
      .map(normalizePath),
  );
}

/** What each file of the project holds, by its path: all that is not below the state folder, but for what the harness wrote. */
export function readProject({ folder, state, witness, file }: TrialFolder): Record<string, string> {
  const own = `${relative(folder, state)}/`;
  const files = listTree(folder).filter((path) => !path.endsWith("/") && !path.startsWith(own));
  const kept = files.filter((path) => ![witness, file].includes(join(folder, path)));
  return Object.fromEntries(kept.sort().map((path) => [path, describeFile(join(folder, path))]));
}

/** The hash of a file; where there is none, what it is. */
export function describeFile(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return "not there";
  if (found.isSymbolicLink()) return `a link to ${readlinkSync(path)}`;
  if (!found.isFile()) return found.isDirectory() ? "a folder" : "no file";
  return createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16);
}
