import type { ActionContext } from "../compose/actions/context.ts";
import { cleanText } from "../report/text/clean-text.ts";

export interface KeepFlags {
  /** Milliseconds; 0 for none. Default: as the workflow says. */
  keepWorker?: number | null;
}

/** Reads the options for keeping workers from `--keep-worker`. Notes about each kept worker go to stderr. */
export function readKeep({ keepWorker: limitMs = null }: KeepFlags): ActionContext["keep"] {
  return { limitMs, onNote: (text) => process.stderr.write(`note: ${cleanText(text)}\n`) };
}
