import path from "node:path";
import { runSession } from "../../src/compose/session/run-session.ts";
import { openWorkspace } from "../../src/compose/workspace.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import type { Benchmark, BenchmarkRow } from "./benchmark.ts";
import { planCommands } from "./plan-commands.ts";
import { writeWorkflow } from "./runweave-command.ts";
import { makeChain, makeFan, toWorkflow } from "./task-graph.ts";
import { median } from "./time-commands.ts";

const RUNS = 300;
const PARALLEL = 2;
const SHAPES = { chain: makeChain, fan: makeFan } as const;
const REGISTRIES = ["durable", "none"] as const;

/** The same commands by the same loop, once with the registry on disk and once with one that forgets. */
export const durability: Benchmark = {
  name: "durability",
  title: `${RUNS} no-op commands with the durable registry, next to the same without one`,
  async measure({ folder, iterations }) {
    const rows: BenchmarkRow[] = [];
    for (const [shape, makeTasks] of Object.entries(SHAPES)) {
      const plan = await planCommands(writeWorkflow(folder, toWorkflow(shape, makeTasks(RUNS), PARALLEL)));
      const times = { durable: [] as number[], none: [] as number[] };
      for (let round = 0; round < iterations; round++) {
        const order = round % 2 === 0 ? REGISTRIES : REGISTRIES.toReversed();
        for (const kind of order)
          times[kind].push(await timeSession(plan, kind, path.join(folder, `${shape}-${kind}-${round}`)));
      }
      const [measured, without] = [median(times.durable), median(times.none)];
      const note = `${((measured - without) / RUNS).toFixed(2)} ms more for each run`;
      rows.push({
        what: `${RUNS} commands, ${shape}`,
        measured,
        rival: { name: "no registry", median: without },
        note,
      });
    }
    return rows;
  },
};

async function timeSession(plan: Plan, kind: (typeof REGISTRIES)[number], registry: string): Promise<number> {
  const workspace = openWorkspace({ registry, from: path.dirname(registry) });
  try {
    const used = kind === "durable" ? workspace : { ...workspace, registry: createMemoryRegistry() };
    const startedAt = performance.now();
    const { record } = await runSession({ workspace: used, plan, code: { git: { commit: null, dirty: null } } });
    if (record.status !== "success") throw new Error(`the session ended as ${record.status}`);
    return performance.now() - startedAt;
  } finally {
    await workspace.close();
  }
}
