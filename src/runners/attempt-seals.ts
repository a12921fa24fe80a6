import type { StateFolders } from "../core/port/runner.ts";
import { openKeyedDigest } from "./keyed-digest.ts";

/** Makes the word that shows who wrote one of an attempt's records: `exit` and `manifest` for example. */
export type SealAttempt = (runId: string, record: string) => string;

/**
 * Seals are made of the key in the state folder, so that whoever takes an attempt over makes the same ones. The processes of
 * runs are not told them, but for those that write the record.
 */
export function openSeals({ root }: Pick<StateFolders, "root">): SealAttempt {
  const digest = openKeyedDigest(root);
  // No text of a user has this character, so that no digest that stands elsewhere is a seal.
  return (runId, record) => digest(`\0${record} of ${runId}`);
}
