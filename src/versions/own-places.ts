import { lstatSync, readdirSync } from "node:fs";
import { isAbsolute, join, normalize } from "node:path";
import type { RunId } from "../core/run-id.ts";

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

/** What an attempt has of its own on this disk: in the store, and at the locations that are known of it. Sorted. */
export function findOwnPlaces({
  store,
  runId,
  locations,
}: {
  store: string;
  runId: RunId;
  locations: readonly string[];
}): string[] {
  const inStore = listFolder(store).map((name) => join(store, name, runId));
  const named = locations.flatMap((location) => ownPlace(location, runId) ?? []);
  const there = [...new Set([...inStore, ...named])].filter((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found?.isDirectory() === true || found?.isFile() === true;
  });
  return there.sort();
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
