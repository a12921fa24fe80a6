import { lstatSync, readdirSync } from "node:fs";
import { isAbsolute, join, normalize, sep } from "node:path";
import type { RunId } from "../core/run-id.ts";
import { resolveExisting } from "./layout.ts";

/** Places in which data may be an attempt's own. */
export interface OwnScope {
  /** Folder that the places lie in, symlinks resolved; null for any place. */
  within: string | null;
  /** Folders that the places do not lie in. */
  except: readonly string[];
}

/** True if data at a path may be an attempt's own. Every symlink on the way is followed. */
export function isInScope(path: string, { within, except }: OwnScope): boolean {
  if (within === null && except.length === 0) return true;
  try {
    const resolved = resolveExisting(path);
    const isExcepted = except.some((folder) => isBelow(folder, path) || isBelow(folder, resolved));
    return !isExcepted && (within === null || isBelow(within, resolved));
  } catch {
    // Links in a circle, or a file where a folder should be.
    return false;
  }
}

/**
 * The part of a path that belongs to one attempt alone: everything up to the component that is its run_id, as both the store
 * and Kedro's versions have one. Null if there is none, as of a plain path that others share.
 */
export function ownPlace(location: string, runId: RunId): string | null {
  if (!isAbsolute(location) || normalize(location) !== location || location.includes("\0")) return null;
  const parts = location.split("/");
  const at = parts.indexOf(runId);
  return at < 1 ? null : parts.slice(0, at + 1).join("/");
}

/** Finds an attempt's own places on this disk: in the store, and at its known locations. Sorted. */
export function findOwnPlaces({
  store,
  runId,
  locations,
  scope,
}: {
  store: string;
  runId: RunId;
  locations: readonly string[];
  scope: OwnScope;
}): string[] {
  const inStore = listFolder(store).map((name) => join(store, name, runId));
  const named = locations.flatMap((location) => ownPlace(location, runId) ?? []);
  const there = [...new Set([...inStore, ...named])].filter((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const isData = found?.isDirectory() === true || found?.isFile() === true;
    return isData && isInScope(path, scope);
  });
  return there.sort();
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
