import { dirname, isAbsolute, join, normalize, posix, relative } from "node:path";
import type { PlannedSave, StateFolders } from "../../../core/port/runner.ts";
import { isWithin, resolveExisting } from "../../../versions/layout.ts";
import { BESIDE } from "../../../versions/remote-places.ts";

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
  if (protocol === undefined) return isAbsolute(path) && isPlain(path) && isOwn(split(relative(store, path)), version);
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
  if (planned === null) return isBelowVersion(location, version, location) || !isAbsolute(location);
  const plain = planned.plain_location;
  if (plain === null) return false;
  if (planned.versioned) return isBelowVersion(location, version, plain);
  return planned.stays && location === plain;
}

/** Classes may name the versions of a place as they like, as long as the version is in the name. */
function isBelowVersion(location: string, version: string, plain: string): boolean {
  const isRemote = !isAbsolute(location);
  if (isRemote ? location.split("/").includes("..") : !isPlain(location)) return false;
  const own = split(location).findIndex((part) => part.includes(version));
  if (own === -1) return false;
  const folder = isRemote ? posix.dirname(plain) : dirname(plain);
  if (location !== plain && !location.startsWith(`${folder}/`)) return false;
  return isRemote || !leadsOut(location, "/", version);
}

/** True if a link within the version's own folder, or that folder itself, leads elsewhere. The way to it may have links. */
function leadsOut(location: string, root: string, version: string): boolean {
  const parts = split(relative(root, location));
  const at = parts.findIndex((part) => part.includes(version));
  const above = resolveExisting(join(root, ...parts.slice(0, at)));
  const folder = join(above, parts[at] ?? "");
  return !isWithin(resolveExisting(location), folder);
}

function isPlain(path: string): boolean {
  return normalize(path) === path && !path.includes("\0");
}

function split(path: string): string[] {
  return path.split("/");
}
