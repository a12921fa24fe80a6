import type { Fallback } from "../../explain/find/find-named.ts";
import { cleanText } from "../../report/text/clean-text.ts";
import { writeLines } from "../terminal.ts";

/** Says on stderr that a name was found in an older session than the newest: stdout may be for a script. */
export function tellFallback(fallback: Fallback | null): void {
  if (fallback === null) return;
  const { newest_session_id, reason, session_id } = fallback;
  const text = `note: the newest session, ${newest_session_id}, ${reason}: this is of session ${session_id}`;
  writeLines(process.stderr, [cleanText(text)]);
}

/** Lists the words of a command line that were found in an older session; null stands for a word that was not. */
export function listFallbacks(...fallbacks: readonly (Fallback | null)[]): Fallback[] {
  return fallbacks.filter((fallback) => fallback !== null);
}
