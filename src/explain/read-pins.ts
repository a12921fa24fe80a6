import type { ReadPin, RegistryReader } from "../core/port/registry.ts";
import type { Pin } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";

/** The pins of one attempt, as its events have them. */
export function readPins(registry: Pick<RegistryReader, "pinsOf">, runId: RunId): Pin[] {
  return registry.pinsOf([runId]).map(toPin);
}

/** Leaves the reader out. */
export function toPin({ run_id: _, ...pin }: ReadPin): Pin {
  return pin;
}
