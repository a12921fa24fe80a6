import type { RegistryReader } from "../core/port/registry.ts";
import type { VersionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";

/** Outputs of one attempt, by dataset, as `findVersion` looks them up. */
export type SavedVersions = Record<string, VersionRecord>;

/** Lists the outputs of an attempt, by dataset. */
export function listSaved(registry: Pick<RegistryReader, "versionsOf">, runId: RunId): SavedVersions {
  return indexSaved(registry, [runId])(runId);
}

/** Looks up the outputs of these attempts, all at once. Other attempts have none in the index. */
export function indexSaved(
  registry: Pick<RegistryReader, "versionsOf">,
  runIds: Iterable<RunId>,
): (runId: RunId) => SavedVersions {
  const saved = Map.groupBy(registry.versionsOf([...new Set(runIds)]), ({ run_id }) => run_id);
  return (runId) => Object.fromEntries((saved.get(runId) ?? []).map((version) => [version.dataset, version]));
}
