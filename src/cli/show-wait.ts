import type { Hold } from "../core/hold.ts";
import { tellHold } from "../processes/tell-hold.ts";
import { cleanText } from "../report/text/clean-text.ts";
import { writeLines } from "./terminal.ts";

/** Says whom a command waits for. */
export function showWait(before: Hold): void {
  writeLines(process.stderr, [cleanText(`waiting for ${tellHold(before)}`)]);
}
