import { resolve } from "node:path";
import type { Finding } from "../../explain/certificate.ts";
import { linkFault } from "../../explain/check-log.ts";
import { rebuildRegistry } from "../../record/replay/rebuild-registry.ts";
import type { StateLocation } from "../locate-state.ts";
import { judgeDifferences } from "../verify/verify-records.ts";

/** A registry that was made anew from the log, and what the old one has otherwise. */
export interface RebuiltState {
  /** The new file. Absolute. */
  rebuilt: string;
  /** The old file, which is as it was. */
  registry: string;
  events: number;
  findings: Finding[];
}

/**
 * Makes a registry at `target` from the log of the one in `state`, and compares the two. Throws NotRebuiltError if the log contradicts itself,
 * RegistryError if a file can't be used or `target` is there.
 */
export function rebuildState(state: StateLocation, target: string): RebuiltState {
  const rebuilt = resolve(target);
  const { events, faults, differences } = rebuildRegistry(state.registry, rebuilt);
  const findings = [...faults.map(linkFault), ...judgeDifferences(differences)];
  return { rebuilt, registry: state.registry, events, findings };
}
