import type { RegistryReader } from "../core/port/registry.ts";
import type { VersionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";

/** What one attempt saved, by dataset, as `findVersion` looks it up. */
export type SavedVersions = Record<string, VersionRecord>;

/** What an attempt saved, by dataset. */
export function listSaved(registry: Pick<RegistryReader, "versionsOf">, runId: RunId): SavedVersions {
  return indexSaved(registry, [runId])(runId);
}

/** Looks up what these attempts saved, all at once. An attempt that is not among them saved nothing. */
export function indexSaved(
  registry: Pick<RegistryReader, "versionsOf">,
  runIds: Iterable<RunId>,
): (runId: RunId) => SavedVersions {
  const saved = Map.groupBy(registry.versionsOf([...new Set(runIds)]), ({ run_id }) => run_id);
  return (runId) => Object.fromEntries((saved.get(runId) ?? []).map((version) => [version.dataset, version]));
}
