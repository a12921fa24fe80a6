import type { RegistryReader, RunHead } from "../core/port/registry.ts";
import type { RunRecord } from "../core/run.ts";
import { isRunId } from "../core/run-id.ts";

/** Finds the attempts, not among these runs, whose versions the runs read: of earlier sessions for the most part. */
export function listOuterWriters(
  registry: Pick<RegistryReader, "findHeads">,
  runs: readonly Pick<RunRecord, "run_id" | "load_versions">[],
): RunHead[] {
  const own = new Set<string | null>(runs.map(({ run_id }) => run_id));
  const read = new Set(runs.flatMap(({ load_versions }) => Object.values(load_versions)));
  const outer = [...read].filter((version) => isRunId(version) && !own.has(version));
  return outer.length === 0 ? [] : registry.findHeads(outer);
}
