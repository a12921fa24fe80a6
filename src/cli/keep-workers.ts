import type { ActionContext } from "../compose/actions/context.ts";
import { cleanText } from "../report/text/clean-text.ts";

export interface KeepFlags {
  /** Milliseconds. */
  keepWorker?: number;
}

/** Reads the options for keeping workers from `--keep-worker`. Notes about each kept worker go to stderr. */
export function readKeep({ keepWorker: limitMs }: KeepFlags): ActionContext["keep"] {
  if (limitMs === undefined) return undefined;
  return { limitMs, onNote: (text) => process.stderr.write(`note: ${cleanText(text)}\n`) };
}
