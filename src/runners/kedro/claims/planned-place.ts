import { isAbsolute, relative } from "node:path";
import type { PlannedSave, StateFolders } from "../../../core/port/runner.ts";
import { BESIDE } from "../../../versions/remote-places.ts";
import { isBelowVersion, isPlainPath, leadsOut } from "../../../versions/version-place.ts";

/** Folders and prefixes in which a run may have saved. */
export interface OwnPlaces {
  store: StateFolders["store"];
  /** Prefixes of remote storage, by protocol. */
  remoteStores: Readonly<Record<string, string>>;
}

const REMOTE = /^([A-Za-z][A-Za-z0-9+.-]+):(?::?\/)/;

/** True if a path is of an attempt's own in the store: `<store>/<name>/<version>/<file>`. The disk is not looked at. */
export function isInStore(path: string, version: string, { store, remoteStores }: OwnPlaces): boolean {
  const protocol = REMOTE.exec(path)?.[1];
  if (protocol === undefined)
    return isAbsolute(path) && isPlainPath(path) && isOwn(split(relative(store, path)), version);
  const prefix = remoteStores[protocol];
  if (prefix !== undefined && path.startsWith(`${prefix}/`))
    return isOwn(split(path.slice(prefix.length + 1)), version);
  const parts = split(path);
  const beside = parts.lastIndexOf(BESIDE);
  return beside > 1 && isOwn(parts.slice(beside + 1), version);
}

/** `<name>/<version>/<file>`, or further down in there. */
function isOwn(parts: readonly string[], version: string): boolean {
  const [name, own, ...rest] = parts;
  return (
    parts.every((part) => part !== ".." && part !== "") && name !== undefined && own === version && rest.length > 0
  );
}

/**
 * True if an attempt may have saved a version at this place: in the store, or in the plan's place for the dataset,
 * under its own id; unversioned data that stay in their place at that very place. No link leads out of there. `planned`
 * is null where the project was not asked: then a place under its own id counts.
 */
export function isPlannedPlace(
  { location, version }: { location: string; version: string },
  planned: PlannedSave | null,
  own: OwnPlaces,
): boolean {
  if (isInStore(location, version, own)) return !isAbsolute(location) || !leadsOut(location, own.store, version);
  if (planned === null) return isBelowVersion(location, version) || !isAbsolute(location);
  const plain = planned.plain_location;
  if (plain === null) return false;
  if (planned.versioned) return isBelowVersion(location, version, plain);
  return planned.stays && location === plain;
}

function split(path: string): string[] {
  return path.split("/");
}
