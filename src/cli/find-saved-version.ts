import type { RegistryReader, RunHead } from "../core/registry.ts";
import { isDone } from "../core/run.ts";
import { didYouMean } from "../core/suggest.ts";
import { findVersion } from "../resolve/find-version.ts";
import { CliError } from "./errors.ts";
import { findStartedRun } from "./find-run.ts";

/** What a successful attempt saved. */
export interface SavedVersion {
  /** As the attempt names it. */
  dataset: string;
  head: RunHead;
}

/** A version as a command line names it, `DATASET@RUN`: the run as `findStartedRun` takes it. `usage` is an example. */
export function findSavedVersion(
  reader: RegistryReader,
  target: string | undefined,
  { session, usage }: { session: string | undefined; usage: string },
): SavedVersion {
  // A dataset's name may hold an @, a run's may not.
  const split = target?.lastIndexOf("@") ?? -1;
  if (target === undefined || split < 1 || split === target.length - 1)
    throw new CliError("invalid-target", "a version is named DATASET@RUN", { hint: usage });
  const [dataset, id] = [target.slice(0, split), target.slice(split + 1)];
  const { run, run_id, status, outputs } = findStartedRun(reader, id, session);
  if (!isDone(status)) {
    const message = `${run} (${run_id}) is ${status}: only what a successful run saved is a version`;
    throw new CliError("run-not-succeeded", message);
  }
  if (findVersion(outputs, dataset) === null) {
    const saved = Object.keys(outputs);
    const hint = didYouMean(dataset, saved) ?? `it saved: ${saved.join(", ") || "nothing"}`;
    throw new CliError("missing-output", `${run} (${run_id}) saved no "${dataset}"`, { hint });
  }
  // A run that was reused shows the attempt that it stands for, which is of another session.
  const [head] = reader.findHeads([run_id]);
  if (head === undefined) throw new Error(`the registry has lost run ${run_id}`);
  return { dataset, head };
}
