import type { NamedRun } from "../../core/name-questions.ts";
import type { RegistryReader, RunHead } from "../../core/registry.ts";
import { lostRecord } from "../../core/registry-error.ts";
import { isDone, type VersionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { didYouMean } from "../../core/suggest.ts";
import { findVersion } from "../../resolve/find-version.ts";
import { ExplainError } from "../explain-error.ts";
import type { Fallback } from "./find-named.ts";
import { findStartedRun } from "./find-run.ts";
import { readTarget } from "./read-target.ts";

/** A version that a successful attempt saved. */
export interface SavedVersion {
  /** The dataset, by the name that the attempt has for it. */
  dataset: string;
  head: RunHead;
  version: VersionRecord;
  fallback: Fallback | null;
}

/** A version as a command line names it, `DATASET@RUN`: the run as `findStartedRun` takes it. `usage` is an example. */
export function findSavedVersion(
  reader: RegistryReader,
  target: string | undefined,
  { session, usage }: { session: string | undefined; usage: string },
): SavedVersion {
  const { dataset, word } = readTarget(target, undefined, usage);
  const lacks = ({ run_id, status }: NamedRun & { run_id: RunId }) => {
    if (!isDone(status)) return `is ${status}`;
    return findVersion(reader.findRun(run_id)?.outputs ?? {}, dataset) === null ? `saved no "${dataset}"` : null;
  };
  const { run: found, fallback } = findStartedRun(reader, word, { session, lacks });
  const { run, run_id, status, outputs } = found;
  if (!isDone(status)) {
    const message = `${run} (${run_id}) is ${status}: only what a successful run saved is a version`;
    throw new ExplainError("run-not-succeeded", message);
  }
  const version = findVersion(outputs, dataset);
  if (version === null) {
    const saved = Object.keys(outputs);
    const hint = didYouMean(dataset, saved) ?? `it saved: ${saved.join(", ") || "nothing"}`;
    throw new ExplainError("missing-output", `${run} (${run_id}) saved no "${dataset}"`, hint);
  }
  // A run that was reused shows the attempt that it stands for, which is of another session.
  const [head] = reader.findHeads([run_id]);
  if (head === undefined) throw lostRecord(`run ${run_id}`);
  return { dataset, head, version, fallback };
}
