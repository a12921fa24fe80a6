import { cleanText } from "../report/clean-text.ts";
import type { Unfreed } from "../versions/dropped-entries.ts";
import { writeLines } from "./terminal.ts";

/** Says which entry, emptied earlier, still takes space, and why. */
export function showUnfreed({ id, error }: Unfreed): void {
  writeLines(process.stderr, [cleanText(`warning: ${id}, which was emptied before, is not freed: ${error.message}`)]);
}
