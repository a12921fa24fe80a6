import type { RegistryReader } from "../../src/core/registry.ts";
import { listAttempts } from "./registry-invariants.ts";
import { type Violation, violate } from "./violation.ts";

/** What the registry says succeeded is on the simulated disk, under the version that it was saved as. */
export function checkSimulatedDisk(registry: RegistryReader, disk: ReadonlySet<string>): Violation[] {
  return listAttempts(registry).flatMap(({ run_id, status, outputs }) => {
    if (status !== "success") return [];
    const missing = Object.values(outputs).filter(({ location, version }) => !disk.has(location) || version !== run_id);
    return missing.map(({ location }) => violate("registry-equals-disk", `${location} of ${run_id} is not there`));
  });
}
