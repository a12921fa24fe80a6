import { relative, sep } from "node:path";

/** A path as people can use it from where they are: relative if it lies below the working folder, else absolute. */
export function showPath(path: string, from: string = process.cwd()): string {
  const way = relative(from, path);
  return way === ".." || way.startsWith(`..${sep}`) ? path : way || ".";
}
