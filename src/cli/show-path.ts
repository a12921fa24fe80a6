import { relative, sep } from "node:path";
import { isRemotePlace } from "../versions/remote-places.ts";

/** Returns a path for people: relative if it lies below the working folder, else absolute. A URL stays as it is. */
export function showPath(path: string, from: string = process.cwd()): string {
  if (isRemotePlace(path)) return path;
  const way = relative(from, path);
  return way === ".." || way.startsWith(`..${sep}`) ? path : way || ".";
}
