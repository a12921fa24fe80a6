import { RefusalError } from "../../core/error/refusal-error.ts";
import type { Doubt } from "./judge-execution.ts";

/** The user has not consented to an execution that a registry describes. */
export class NotConfirmedError extends RefusalError<"not-confirmed"> {}

/** Lists all lines of a doubt, or those of the first `most` files and how many more there are. */
export function listLines({ lines, files }: Doubt, most = files.length): string[] {
  const more = files.length - most;
  const rest = more > 0 ? [`  and ${more} more: --json lists them`] : [];
  const heading = files.length === 0 ? [] : [`${files.length} published file${files.length === 1 ? "" : "s"}:`];
  return [...lines, ...heading, ...files.slice(0, most).map((file) => `  ${file}`), ...rest];
}

/** Asks the user to consent to a doubtful execution; null needs no consent. Throws NotConfirmedError unless the answer is yes. */
export async function settleDoubt(
  doubt: Doubt | null,
  { onDoubt }: { onDoubt?(doubt: Doubt): Promise<boolean> },
): Promise<void> {
  if (doubt === null || (await onDoubt?.(doubt)) === true) return;
  const message = `${doubt.reasons.join("; ")}, and it would be executed with your rights:\n${listLines(doubt).join("\n")}`;
  throw new NotConfirmedError("not-confirmed", message, "read it, and say --yes if it is to be executed");
}
