import type { StateFolders } from "../core/port/runner.ts";
import { openKeyedDigest } from "./keyed-digest.ts";

/** Makes the word that shows who wrote one of an attempt's records: `exit` and `manifest` for example. */
export type SealAttempt = (runId: string, record: string) => string;

/**
 * Seals are made of the key in the state folder, so that every orchestrator of the session makes the same ones. Only
 * processes that write the record are given them, never the code of runs.
 */
export function openSeals({ root }: Pick<StateFolders, "root">): SealAttempt {
  const digest = openKeyedDigest(root);
  // No text of a user has this character, so that no digest that stands elsewhere is a seal.
  return (runId, record) => digest(`\0${record} of ${runId}`);
}
