import { setImmediate as comeToRest } from "node:timers/promises";
import { createWorld, simulateSession } from "../../../src/compose/simulate/simulate-session.ts";
import type { FaultRule } from "../../../src/core/answer/fault.ts";
import type { RegistryReader } from "../../../src/core/port/registry.ts";
import type { SimulatedWorld } from "../../../src/hosts/simulated/simulated-world.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { checkRegistry, TerminalWatch, watched } from "../registry-invariants.ts";
import { checkSimulated } from "../simulated-disk.ts";
import { type Campaign, type Draw, drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";
import { pickSimulation } from "./simulated-crash.ts";

const MOST_WRITES = 16;
const MOST_RESUMES = 4;
const MOST_TIMERS = 6;

/** No attempt takes as long as the shortest timeout. */
const CALM = { faults: [], durations: () => [1000, 50_000] };

type Simulation = ReturnType<typeof pickSimulation>;

export const simulatedKills: TrialKind = {
  name: "simulated-kills",
  what: "kill -9 of the orchestrator before or after any write, and of up to four who resume it; its children live on or not",
  hasProcesses: false,
  share: 300,
  full: 20_000,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "kills");
    // Without faults of its own the uninterrupted session is what a resumed one has to come to.
    const calm = draw() < 0.7;
    const picked = pickSimulation(seed);
    const simulation = calm ? { ...picked, ...CALM } : { ...picked, faults: ofRuns(picked.faults) };
    return await killAndResume(simulation, { campaign, draw, calm });
  },
};

async function killAndResume(
  simulation: Simulation,
  { campaign, draw, calm }: { campaign: Campaign; draw: Draw; calm: boolean },
): Promise<Violation[]> {
  const found: Violation[] = [];
  const registry = watched(createMemoryRegistry(), found, new TerminalWatch());
  const world = createWorld();
  const common = { ...simulation, registry, world };
  let session = await simulateSession({ ...common, faults: [...simulation.faults, drawCrash(draw)] });
  for (let left = Math.floor(draw() * (MOST_RESUMES + 1)); session.status === "crashed"; left--) {
    campaign.noteKill();
    const recorded = registry.findSession(session.sessionId);
    // The last write may have been the end of the session.
    if (recorded !== null && recorded.status !== "running") break;
    await outlive(world, draw);
    const faults = left > 0 ? [...simulation.faults, drawCrash(draw)] : simulation.faults;
    const resumed = recorded === null ? {} : { resumed: session.sessionId };
    session = await simulateSession({ ...common, ...resumed, faults, seed: `${simulation.seed}/${left}` });
  }
  if (session.status === "hung") found.push(violate("session-ends", "it hung"));
  const ended = [...found, ...checkRegistry(registry), ...checkSimulated(registry, session)];
  return calm ? [...ended, ...(await compare(simulation, registry))] : ended;
}

/** Time passes in which nobody looks after the session, and sometimes the power is gone. */
async function outlive(world: SimulatedWorld, draw: Draw): Promise<void> {
  if (draw() < 0.3) world.loseProcesses();
  for (let timers = Math.floor(draw() * MOST_TIMERS); timers > 0; timers--) {
    world.clock.fireNext();
    await comeToRest();
  }
}

/** What each run came to, and the content of what it saved, is what it is if nothing happens. */
async function compare(simulation: Simulation, resumed: RegistryReader): Promise<Violation[]> {
  const registry = createMemoryRegistry();
  await simulateSession({ ...simulation, registry });
  const [wanted, got] = [describe(registry), describe(resumed)];
  // After a failure that ends a session what was cut off is not tried again: such a one fails in the same way, no more than that.
  const hasFailed = [registry, resumed].every((each) => each.findSession("latest")?.status === "failed");
  if (wanted === got || hasFailed) return [];
  return [violate("same-outputs-as-uninterrupted", `it came to\n  ${got}\nand not to\n  ${wanted}`)];
}

function describe(registry: RegistryReader): string {
  const session = registry.findSession("latest");
  const runs = (session?.runs ?? []).map(({ run, status, outputs }) => {
    const hashes = Object.entries(outputs).map(([dataset, { hash }]) => [dataset, hash]);
    return [run, status, hashes];
  });
  return JSON.stringify([session?.status, runs]);
}

function drawCrash(draw: Draw): FaultRule {
  const write = 1 + Math.floor(draw() * MOST_WRITES);
  return { kind: "crash", moment: draw() < 0.5 ? { beforeWrite: write } : { afterWrites: write } };
}

/** What befalls a session befalls it once, and not each process that runs it. */
function ofRuns(faults: readonly FaultRule[]): FaultRule[] {
  return faults.filter((rule) => !("moment" in rule));
}
