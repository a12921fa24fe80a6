import type { Fallback } from "../../explain/find/find-named.ts";
import { findStartedRun as findRun } from "../../explain/find/find-run.ts";
import { findSavedVersion as findVersion } from "../../explain/find/find-saved-version.ts";
import { findSessionOrNewest as findNewest, findSessionOf as findSession } from "../../explain/find/find-session.ts";
import { reportFallback } from "../context.ts";

/** Wraps a finder: the result also notes on stderr if a name was found in an older session than the newest. */
function telling<A extends unknown[], R extends { fallback: Fallback | null }>(find: (...args: A) => R) {
  return (...args: A): R => {
    const found = find(...args);
    reportFallback(found.fallback);
    return found;
  };
}

export const findStartedRun = telling(findRun);
export const findSavedVersion = telling(findVersion);
export const findSessionOf = telling(findSession);
export const findSessionOrNewest = telling(findNewest);
