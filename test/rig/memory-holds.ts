import type { HoldQueue } from "../../src/core/hold.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";

/** A queue for places that nobody else has. */
export function memoryHolds(): HoldQueue {
  return createMemoryRegistry().holds;
}
