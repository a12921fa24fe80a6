import type { Bench, Benchmark, BenchmarkRow } from "./benchmark.ts";
import { runweave, writeWorkflow } from "./runweave-command.ts";
import { makeChain, makeFan, type Task, toWorkflow } from "./task-graph.ts";
import { medianTimes } from "./time-commands.ts";

const SIZES = [1_000, 10_000, 100_000];
const LARGEST_GOAL_MS = 5_000;
const SHAPES: Readonly<Record<string, (length: number) => Task[]>> = { chain: makeChain, fan: makeFan };

/** Planning alone: nothing is started. */
export const planning: Benchmark = {
  name: "planning",
  title: "`runweave plan --json` of large workflows",
  async measure(bench) {
    const rows: BenchmarkRow[] = [];
    for (const size of SIZES) {
      for (const [shape, makeTasks] of Object.entries(SHAPES))
        rows.push(await measurePlan(bench, shape, makeTasks(size)));
    }
    return rows;
  },
};

async function measurePlan(bench: Bench, shape: string, tasks: readonly Task[]): Promise<BenchmarkRow> {
  const what = `${tasks.length.toLocaleString("en")} runs, ${shape}`;
  const file = writeWorkflow(bench.folder, toWorkflow(`${shape}-${tasks.length}`, tasks, 2));
  const medianOf = await medianTimes([runweave(what, bench.folder, ["plan", file, "--json"])], bench.iterations);
  const isLargest = tasks.length === Math.max(...SIZES);
  return { what, measured: medianOf(what), ...(isLargest ? { goal: { atMost: LARGEST_GOAL_MS } } : {}) };
}
