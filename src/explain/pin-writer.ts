import type { RegistryReader, RunHead } from "../core/registry.ts";
import { AmbiguousIdError } from "../core/registry-error.ts";
import type { Pin } from "../core/run.ts";
import { isRunId } from "../core/run-id.ts";

/**
 * The attempt that saved what a pin stands for, or that took it over from one before it and succeeded; null if no run of this
 * registry did, or the reader itself. The run_id of an
 * adopted run begins with the version that it stands for; where two projects saved something in the same millisecond, nobody
 * is named.
 */
export function findPinWriter(
  registry: RegistryReader,
  { rule, version, vouched_by }: Pick<Pin, "rule" | "version" | "vouched_by">,
): RunHead | null {
  if (rule === "own" || rule === "file" || rule === "plain" || rule === "value") return null;
  if (vouched_by !== undefined) return registry.findHeads([vouched_by])[0] ?? null;
  const writer = isRunId(version) ? version : findAdopted(registry, version);
  return writer === null ? null : (registry.findHeads([writer])[0] ?? null);
}

function findAdopted(registry: RegistryReader, version: string): string | null {
  try {
    const id = registry.findRun(`${version}-`)?.run_id ?? null;
    // Any other run of that millisecond saved versions of its own.
    const isAdopted = id !== null && registry.versionsOf(id).some((saved) => saved.version === version);
    return isAdopted ? id : null;
  } catch (error) {
    if (error instanceof AmbiguousIdError) return null;
    throw error;
  }
}
