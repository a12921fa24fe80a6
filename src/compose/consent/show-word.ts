import { quoteShell } from "../../core/text/quote-shell.ts";
import { formatJson } from "../../report/text/format-json.ts";

/** Characters that are not seen, end a line, look like a blank, or are stacked on others. */
const UNSEEN = /[\p{C}\p{DI}\p{Zl}\p{Zp}]|(?! )\p{Zs}|\p{M}{4,}/gu;

/**
 * Shows a text of a registry as one word on one line, so that no other text looks the same: in a shell's quotes, or as JSON with escapes for
 * line ends and all that is not seen.
 */
export function showWord(text: string): string {
  if (text.search(UNSEEN) === -1) return quoteShell([text]);
  return formatJson(text).replaceAll(UNSEEN, (found) => formatUnits(found));
}

function formatUnits(text: string): string {
  return Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join(
    "",
  );
}
