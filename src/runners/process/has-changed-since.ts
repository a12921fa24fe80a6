import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { findMovesAbove, lookThrough } from "../../versions/tree/look-through.ts";
import type { PlannedOutput } from "./process-outputs.ts";

const NS_PER_MS = 1_000_000n;

/**
 * Tells if anything at the captured paths may have changed after the command's end, which its `exit` file records. An equal time
 * counts as later, and so does any time if the clock was set back since.
 */
export async function hasChangedSince(
  outputs: readonly PlannedOutput[],
  exit: string,
  nowMs: number = Date.now(),
): Promise<boolean> {
  const { mtimeNs, ctimeNs } = await stat(exit, { bigint: true });
  const isLater = (time: bigint) => time >= mtimeNs || time >= ctimeNs;
  if (!isLater(BigInt(nowMs + 1) * NS_PER_MS)) return true;
  for (const { captured, written } of outputs) {
    if (!captured) continue;
    if (!existsSync(written) || (await findMovesAbove(written)).some(isLater)) return true;
    for (const { timesNs } of (await lookThrough(written)).values()) if (timesNs.some(isLater)) return true;
  }
  return false;
}
