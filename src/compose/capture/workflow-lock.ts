import { existsSync, readFileSync } from "node:fs";
import { WORKFLOW_EXTENSIONS } from "../../define/load.ts";

export const LOCK_SUFFIX = ".lock.json";

/** Tells whether a path is that of the lock file of a workflow beside it, or was: runweave makes it, and no run reads it. */
export function isWorkflowLock(path: string): boolean {
  if (!path.endsWith(LOCK_SUFFIX)) return false;
  const base = path.slice(0, -LOCK_SUFFIX.length);
  return WORKFLOW_EXTENSIONS.some((extension) => existsSync(`${base}${extension}`)) && isLock(path);
}

/** Other tools have files of such names. */
function isLock(path: string): boolean {
  try {
    return readFileSync(path, "utf8").includes('"runweave_lock"');
  } catch {
    return !existsSync(path);
  }
}
