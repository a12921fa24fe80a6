import { isAbsolute, relative } from "node:path";
import { findCheckout } from "../capture/find-checkout.ts";

/** Writes a path so that it means the same in every checkout. */
export type WritePath = (path: string) => string;

/** Relative to `dir` if the path is in the same checkout, or below `dir` where there is no git; else as it is. */
export function createPathWriter(dir: string): WritePath {
  const root = findCheckout(dir) ?? dir;
  return (path) => {
    if (!isAbsolute(path) || !isWithin(root, path)) return path;
    return relative(dir, path) || ".";
  };
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
