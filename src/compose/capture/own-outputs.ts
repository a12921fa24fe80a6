import { dirname } from "node:path";
import { resolveExisting } from "../../versions/layout.ts";

/** Tells whether an absolute path is what runs of the workflow write, or lies in a folder that they write. */
export type IsOutput = (path: string) => boolean;

/** `written` are absolute paths, of files and folders. */
export function recogniseOutputs(written: readonly string[]): IsOutput {
  if (written.length === 0) return () => false;
  const known = new Set([...written, ...written.map(resolve)]);
  const isKnown = (path: string): boolean => {
    for (let at = path; ; at = dirname(at)) {
      if (known.has(at)) return true;
      if (dirname(at) === at) return false;
    }
  };
  return (path) => isKnown(path) || isKnown(resolve(path));
}

/** Symlinks followed, where that is possible. */
function resolve(path: string): string {
  try {
    return resolveExisting(path);
  } catch {
    return path;
  }
}
