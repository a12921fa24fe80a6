import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing. Throws what the system says. `mkdir` with `recursive` never returns where a
 * folder is there and nothing can be made in it, as in /proc: it takes the missing folder for one whose parent is missing.
 */
export function makeFolders(path: string, mode?: number): void {
  const missing: string[] = [];
  for (let at = path; statSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at)) {
    missing.unshift(at);
    if (dirname(at) === at) break;
  }
  if (missing.length === 0 && !statSync(path).isDirectory()) mkdirSync(path, { mode });
  for (const each of missing) makeFolder(each, mode);
}

/** Another process may make it meanwhile. */
function makeFolder(path: string, mode: number | undefined): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const isThere = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isThere) throw error;
  }
}
