import fc from "fast-check";
import { simulateSession } from "../../../src/compose/simulate/simulate-session.ts";
import type { FaultRule } from "../../../src/core/answer/fault.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { anySimulation } from "../random-simulations.ts";
import { checkParallelism, checkRegistry, watched } from "../registry-invariants.ts";
import { checkSimulated } from "../simulated-disk.ts";
import { drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const MOST_WRITES = 40;

/** A plan of any form under any faults. */
export function pickSimulation(seed: number) {
  const [picked] = fc.sample(anySimulation, { seed, numRuns: 1 });
  if (picked === undefined) throw new Error("there is no simulation");
  return picked;
}

export const simulatedFaults: TrialKind = {
  name: "simulated-faults",
  what: "any plan and policies, runs that fail, die and lose outputs, interrupts, clock jumps: the session ends",
  hasProcesses: false,
  share: 400,
  async run(seed) {
    const found: Violation[] = [];
    const registry = watched(createMemoryRegistry(), found);
    const options = { ...pickSimulation(seed), registry };
    const session = await simulateSession(options);
    const { status } = session;
    if (status === "hung" || status === "crashed") found.push(violate("session-ends", `it ${status}`));
    found.push(...checkRegistry(registry), ...checkParallelism(registry, options.maxParallel));
    return [...found, ...checkSimulated(registry, session)];
  },
};

export const simulatedCrash: TrialKind = {
  name: "simulated-crash",
  what: "the same, and the orchestrator is gone before or after any write",
  hasProcesses: false,
  share: 300,
  async run(seed) {
    const found: Violation[] = [];
    const registry = watched(createMemoryRegistry(), found);
    const draw = drawFrom(String(seed), "crash");
    const write = 2 + Math.floor(draw() * MOST_WRITES);
    const moment = draw() < 0.5 ? { beforeWrite: write } : { afterWrites: write };
    const simulation = pickSimulation(seed);
    const faults: FaultRule[] = [...simulation.faults, { kind: "crash", moment }];
    const session = await simulateSession({ ...simulation, faults, registry });
    return [...found, ...checkRegistry(registry), ...checkSimulated(registry, session)];
  },
};
