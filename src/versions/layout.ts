import { createHash } from "node:crypto";
import { lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import type { StateFolders } from "../core/port/runner.ts";
import { isRunId, type RunId } from "../core/run-id.ts";

const MAX_COMPONENT = 80;

/** A name would lead out of the folder that it was meant for. */
export class UnsafePathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UnsafePathError";
  }
}

/** The folder of an attempt's records. */
export function attemptFolder(folders: StateFolders, runId: RunId): string {
  return join(folders.attempts, runIdComponent(runId));
}

/** The log of an attempt. */
export function attemptLog(folders: StateFolders, runId: RunId): string {
  return join(folders.logs, `run_${runIdComponent(runId)}.log`);
}

/** Returns the place of a version of a file: `<store>/<file>-<hash8 of its full path>/<run_id>/<file>`. */
export function versionPath(store: string, plainPath: string, runId: RunId): string {
  const file = safeComponent(basename(plainPath));
  const digest = createHash("sha256").update(plainPath).digest("hex").slice(0, 8);
  return join(store, `${file}-${digest}`, runIdComponent(runId), file);
}

/** The folder in which captured outputs are copied before they are versions. */
export function capturingFolder(store: string): string {
  return join(store, ".capturing");
}

/**
 * A file name for any text: letters, digits, `.`, `_` and `-` stay, the rest becomes `_`. Different names may give the same
 * component, so something else has to tell them apart.
 */
export function safeComponent(name: string): string {
  const safe = name
    .replaceAll(/[^A-Za-z0-9._-]/g, "_")
    .replace(/^\.+/, (dots) => "_".repeat(dots.length))
    .slice(-MAX_COMPONENT);
  return safe === "" ? "_" : safe;
}

/**
 * `path` if it is below `root` with every symlink on the way followed, those parts that exist; else throws UnsafePathError.
 * A symlink at `path` itself counts too.
 */
export function assertBelow(root: string, path: string): string {
  const way = relative(realpathSync(root), resolveExisting(path));
  if (way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new UnsafePathError(`${path} leads out of ${root}`);
  }
  return path;
}

/** True if an absolute path is a folder's own, or of what is in it, as they are written. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** The deepest folder that holds all these paths; null if there are none, or they share no more than the root. */
export function commonFolder(paths: readonly string[]): string | null {
  const [first, ...rest] = paths.map((path) => dirname(path).split(sep));
  if (first === undefined) return null;
  const length = rest.reduce((shared, parts) => {
    const differs = first.slice(0, shared).findIndex((part, index) => part !== parts[index]);
    return differs === -1 ? shared : differs;
  }, first.length);
  return first.slice(0, length).join(sep) || null;
}

function runIdComponent(runId: RunId): string {
  if (!isRunId(runId)) throw new UnsafePathError(`${JSON.stringify(runId)} is not a run_id`);
  return runId;
}

/** The path with symlinks followed in the part of it that exists, then the rest as it is. */
export function resolveExisting(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const parent = dirname(path);
    // A file is above it.
    const isMissing = code === "ENOENT" || code === "ENOTDIR";
    if (!isMissing || parent === path) throw error;
    return join(resolveExisting(parent), basename(path));
  }
}

/** Returns the nearest entry above a path that is no folder, so that the path can't exist. Null if there is none. */
export function findBlocker(path: string): string | null {
  for (let above = dirname(path); ; above = dirname(above)) {
    if (isFound(() => statSync(above).isDirectory())) return null;
    if (isFound(() => lstatSync(above) !== undefined)) return above;
  }
}

/** Returns false of what can't be there. Other errors are thrown. */
function isFound(look: () => boolean): boolean {
  try {
    return look();
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}
