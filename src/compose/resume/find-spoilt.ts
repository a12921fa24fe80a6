import type { RunRecord } from "../../core/run.ts";
import { findChange } from "../../versions/find-change.ts";
import { verifyOutputs } from "../verify/verify-outputs.ts";

/** Files that are looked at side by side. */
const AT_ONCE = 64;

export interface SpoiltSearch {
  /** Succeeded runs. */
  runs: readonly RunRecord[];
  /** Whether anything is still to read what the run saved: then its content is compared too, not only its size. */
  isWanted(run: string): boolean;
}

/** Those of the runs that have not, or no longer, saved what their records say. */
export async function findSpoilt({ runs, isWanted }: SpoiltSearch): Promise<Set<string>> {
  const spoilt = new Set<string>();
  const look = async (record: RunRecord) => {
    if (await isSpoilt(record, isWanted(record.run))) spoilt.add(record.run);
  };
  for (let at = 0; at < runs.length; at += AT_ONCE) await Promise.all(runs.slice(at, at + AT_ONCE).map(look));
  return spoilt;
}

async function isSpoilt({ outputs }: RunRecord, isWanted: boolean): Promise<boolean> {
  if ((await verifyOutputs({ outputs })) !== null) return true;
  if (!isWanted) return false;
  const changes = await Promise.all(
    Object.values(outputs).map((version) => findChange({ ...version, modifiedMs: null }).catch(() => ({ now: null }))),
  );
  return changes.some((change) => change !== null);
}
