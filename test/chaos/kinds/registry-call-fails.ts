import { createWorld, simulateSession } from "../../../src/compose/simulate/simulate-session.ts";
import { RegistryError } from "../../../src/core/error/registry-error.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import type { Registry } from "../../../src/core/port/registry.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { checkRegistry } from "../registry-invariants.ts";
import { checkSimulated } from "../simulated-disk.ts";
import type { TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";
import { pickSimulation } from "./simulated-crash.ts";

/** Seeds go through the writes of one plan, then on to the next plan. */
const WRITES_PER_PLAN = 25;

export const registryCallFails: TrialKind = {
  name: "registry-call-fails",
  what: "the Nth write to the registry fails, for every N: the session stops with that error and starts nothing more",
  hasProcesses: false,
  share: 400,
  async run(seed) {
    const failing = 1 + (seed % WRITES_PER_PLAN);
    const simulation = pickSimulation(Math.floor(seed / WRITES_PER_PLAN));
    const { registry, state } = failOn(failing);
    const world = createWorld();
    const ended = await simulateSession({ ...simulation, registry, world }).then(
      ({ status }) => status,
      (error: unknown) => error,
    );
    return [
      ...judgeEnd(ended, state),
      ...checkRegistry(registry),
      ...checkSimulated(registry, { disk: world.disk, witnesses: [] }),
    ];
  },
};

interface Failing {
  hasFailed: boolean;
  writesAfter: number;
}

const FULL = new RegistryError("registry-full", "the registry can't grow", "free some space");

function failOn(nth: number): { registry: Registry; state: Failing } {
  const registry = createMemoryRegistry();
  const state: Failing = { hasFailed: false, writesAfter: 0 };
  let count = 0;
  const append = (events: readonly RunEvent[]): void => {
    if (state.hasFailed) state.writesAfter += 1;
    if (++count === nth) {
      state.hasFailed = true;
      throw FULL;
    }
    registry.append(events);
  };
  return { registry: { ...registry, append }, state };
}

function judgeEnd(ended: unknown, { hasFailed, writesAfter }: Failing): Violation[] {
  if (!hasFailed) return typeof ended === "string" ? [] : [violate("nothing-but-a-known-error", String(ended))];
  if (ended !== FULL) return [violate("session-ends", `it ended as ${ended} though the registry could not be written`)];
  if (writesAfter > 0) return [violate("session-ends", `it wrote ${writesAfter} times more after a write had failed`)];
  return [];
}
