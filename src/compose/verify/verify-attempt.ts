import type { ExceptionRecord } from "../../core/run.ts";
import type { AttemptResult, ResolvedRun } from "../../core/runner.ts";
import { findChangedFiles } from "../../versions/plain-files.ts";
import { verifyOutputs } from "./verify-outputs.ts";

/** What keeps an attempt that its runner calls a success from counting as one; null if nothing does. */
export async function verifyAttempt(
  result: Pick<AttemptResult, "outputs">,
  { files }: Pick<ResolvedRun, "files">,
): Promise<ExceptionRecord | null> {
  const missing = await verifyOutputs(result);
  if (missing !== null) return missing;
  const changed = await findChangedFiles(files);
  if (changed.length === 0) return null;
  const message = `${changed.join("\n")}\nnobody knows which of the two the run has read: run it again, or list what may change under \`floating\``;
  return { type: "InputChanged", message, node: null, traceback: null, cause: null };
}
