import { cleanText } from "../report/text/clean-text.ts";
import type { Unfreed } from "../versions/trash/dropped-entries.ts";
import { writeLines } from "./terminal.ts";

/** Says which entry, emptied earlier, still takes space, and why. */
export function showUnfreed({ id, error }: Unfreed): void {
  writeLines(process.stderr, [cleanText(`warning: ${id}, which was emptied before, is not freed: ${error.message}`)]);
}
