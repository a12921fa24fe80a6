import { simulateSession } from "../../src/compose/simulate/simulate-session.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import type { Benchmark, BenchmarkRow } from "./benchmark.ts";
import { planCommands } from "./plan-commands.ts";
import { writeWorkflow } from "./runweave-command.ts";
import { makeChain, makeFan, toWorkflow } from "./task-graph.ts";
import { median } from "./time-commands.ts";

/** The goal is so many in a second. */
const RUNS = 2_000;
const PARALLEL = 4;
const SHAPES = { chain: makeChain, fan: makeFan } as const;

/** The schedule, the machine, the loop and the projection of events, without processes and without a disk. */
export const simulator: Benchmark = {
  name: "simulator",
  title: "No-op runs through the simulator, every event checked by a memory registry",
  async measure({ folder, iterations }) {
    const rows: BenchmarkRow[] = [];
    for (const [shape, makeTasks] of Object.entries(SHAPES)) {
      const plan = await planCommands(writeWorkflow(folder, toWorkflow(`sim-${shape}`, makeTasks(RUNS), PARALLEL)));
      const times: number[] = [];
      for (let round = 0; round < iterations; round++) times.push(await timeSimulation(plan, String(round)));
      const what = `${RUNS.toLocaleString("en")} runs, ${shape}`;
      rows.push({ what, measured: median(times), goal: { atMost: 1_000 } });
    }
    return rows;
  },
};

async function timeSimulation(plan: Plan, seed: string): Promise<number> {
  const begin = performance.now();
  const registry = createMemoryRegistry();
  const options = { plan, seed, maxParallel: PARALLEL, faults: [], durations: () => [1, 1_000], registry };
  const { status } = await simulateSession(options);
  if (status !== "success") throw new Error(`the simulated session ended as ${status}`);
  return performance.now() - begin;
}
