import type { SimulatedSession } from "../../src/compose/simulate/simulate-session.ts";
import type { RegistryReader } from "../../src/core/port/registry.ts";
import { listAttempts } from "./registry-invariants.ts";
import { type Violation, violate } from "./violation.ts";

/** What must hold of a simulated session beside its registry. */
export function checkSimulated(registry: RegistryReader, { disk, witnesses }: Remains): Violation[] {
  return [...checkSimulatedDisk(registry, disk), ...checkSimulatedStarts(registry, witnesses)];
}

type Remains = Pick<SimulatedSession, "disk" | "witnesses">;

/** Every start is of an attempt that was on record before, and each was started at most once. */
function checkSimulatedStarts(registry: RegistryReader, witnesses: Remains["witnesses"]): Violation[] {
  const known = new Set(registry.findHeads(witnesses).map(({ run_id }) => run_id));
  const unknown = witnesses.filter((runId) => !known.has(runId));
  const again = witnesses.filter((runId, at) => witnesses.indexOf(runId) !== at);
  return [
    ...unknown.map((runId) => violate("one-start-per-attempt", `${runId} started, but no registry knows it`)),
    ...again.map((runId) => violate("one-start-per-attempt", `${runId} started twice`)),
  ];
}

/** What the registry says succeeded is on the simulated disk, under the version that it was saved as. */
function checkSimulatedDisk(registry: RegistryReader, disk: ReadonlySet<string>): Violation[] {
  return listAttempts(registry).flatMap(({ run_id, status, outputs }) => {
    if (status !== "success") return [];
    const missing = Object.values(outputs).filter(({ location, version }) => !disk.has(location) || version !== run_id);
    return missing.map(({ location }) => violate("registry-equals-disk", `${location} of ${run_id} is not there`));
  });
}
