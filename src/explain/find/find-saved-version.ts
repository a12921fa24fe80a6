import { lostRecord } from "../../core/error/registry-error.ts";
import type { RegistryReader, RunHead } from "../../core/port/registry.ts";
import type { VersionRecord } from "../../core/run.ts";
import type { Fallback } from "./find-named.ts";
import { findStartedRun } from "./find-run.ts";
import { readTarget } from "./read-target.ts";
import { describeUnsaved, savedOrThrow } from "./saved-output.ts";

/** A version that a successful attempt saved. */
export interface SavedVersion {
  /** The dataset, by the name that the attempt has for it. */
  dataset: string;
  head: RunHead;
  version: VersionRecord;
  fallback: Fallback | null;
}

/** A version as a command line names it: an alias, or `DATASET@RUN`, the run as `findStartedRun` takes it. `usage` is an example. */
export function findSavedVersion(
  reader: RegistryReader,
  target: string | undefined,
  { session, usage }: { session: string | undefined; usage: string },
): SavedVersion {
  const { dataset, word } = readTarget(reader, target, { usage });
  const lacks = (run: Parameters<typeof describeUnsaved>[1]) => describeUnsaved(reader, run, dataset);
  const { run: found, fallback } = findStartedRun(reader, word, { session, lacks });
  const version = savedOrThrow(found, dataset);
  // A run that was reused shows the attempt that it stands for, which is of another session.
  const [head] = reader.findHeads([found.run_id]);
  if (head === undefined) throw lostRecord(`run ${found.run_id}`);
  return { dataset, head, version, fallback };
}
