import type { NamedRun } from "../../core/port/name-questions.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import { isDone, type RunRecord, type RunStatus, type VersionRecord } from "../../core/run.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import { findVersion } from "../../resolve/find-version.ts";
import { ExplainError } from "../explain-error.ts";

const STATES: Readonly<Record<Exclude<RunStatus, "success" | "reused">, string>> = {
  pending: "has not begun",
  running: "is running",
  failed: "failed",
  skipped: "was skipped",
  cancelled: "was cancelled",
};

/** Tells why a run has not saved a dataset, as the end of a sentence; null if it has. */
export function describeUnsaved(reader: RegistryReader, { run_id, status }: NamedRun, dataset: string): string | null {
  if (run_id === null) return "never started";
  if (!isDone(status)) return STATES[status];
  return findVersion(reader.findRun(run_id)?.outputs ?? {}, dataset) === null ? `saved no "${dataset}"` : null;
}

/** The version of a dataset that an attempt saved. Throws ExplainError: `run-not-succeeded`, `missing-output`. */
export function savedOrThrow({ run, run_id, status, outputs }: RunRecord, dataset: string): VersionRecord {
  if (!isDone(status)) {
    const message = `${run} (${run_id}) is ${status}: only what a successful run saved is a version`;
    throw new ExplainError("run-not-succeeded", message);
  }
  const version = findVersion(outputs, dataset);
  if (version !== null) return version;
  const saved = Object.keys(outputs);
  const hint = didYouMean(dataset, saved) ?? `it saved: ${saved.join(", ") || "nothing"}`;
  throw new ExplainError("missing-output", `${run} (${run_id}) saved no "${dataset}"`, hint);
}
