import { RefusalError } from "../../core/error/refusal-error.ts";
import type { Doubt } from "./judge-execution.ts";

/** Nobody has said yes to what a registry would have executed. */
export class NotConfirmedError extends RefusalError<"not-confirmed"> {}

/** Asks whether what is in doubt may be executed; without a doubt nobody is asked. Throws NotConfirmedError unless the answer is yes. */
export async function settleDoubt(
  doubt: Doubt | null,
  { onDoubt }: { onDoubt?(doubt: Doubt): Promise<boolean> },
): Promise<void> {
  if (doubt === null || (await onDoubt?.(doubt)) === true) return;
  const message = `${doubt.reasons.join("; ")}, and it would be executed with your rights:\n${doubt.lines.join("\n")}`;
  throw new NotConfirmedError("not-confirmed", message, "read it, and say --yes if it is to be executed");
}
