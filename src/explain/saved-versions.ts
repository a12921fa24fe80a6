import type { RegistryReader } from "../core/registry.ts";
import type { VersionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";

/** What an attempt saved, by dataset, as `findVersion` looks it up. */
export function listSaved(registry: Pick<RegistryReader, "versionsOf">, runId: RunId): Record<string, VersionRecord> {
  return Object.fromEntries(registry.versionsOf(runId).map((version) => [version.dataset, version]));
}
