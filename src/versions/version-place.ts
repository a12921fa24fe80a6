import { dirname, isAbsolute, join, normalize, posix, relative } from "node:path";
import { isWithin, resolveExisting } from "./layout.ts";

/**
 * True if a place is below a folder that has the version in its name, and no link leads out of there; so both the store and Kedro keep
 * versions. Classes may name the versions of a place as they like. `plain` is the place that the version is of, in whose folder it then lies.
 * On remote storage, the names alone count.
 */
export function isBelowVersion(location: string, version: string, plain = location): boolean {
  const isRemote = !isAbsolute(location);
  if (isRemote ? location.split("/").includes("..") : !isPlainPath(location)) return false;
  if (!location.split("/").some((part) => part.includes(version))) return false;
  const folder = isRemote ? posix.dirname(plain) : dirname(plain);
  if (location !== plain && !location.startsWith(`${folder}/`)) return false;
  return isRemote || !leadsOut(location, "/", version);
}

/** True if a link within the version's own folder, or that folder itself, leads elsewhere. The way to it may have links. */
export function leadsOut(location: string, root: string, version: string): boolean {
  const parts = relative(root, location).split("/");
  const at = parts.findIndex((part) => part.includes(version));
  const above = resolveExisting(join(root, ...parts.slice(0, at)));
  const folder = join(above, parts[at] ?? "");
  return !isWithin(resolveExisting(location), folder);
}

/** True for a path without `..`, doubled slashes and zero bytes. */
export function isPlainPath(path: string): boolean {
  return normalize(path) === path && !path.includes("\0");
}
