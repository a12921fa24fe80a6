import path from "node:path";
import type { Bench, Benchmark, BenchmarkRow } from "./benchmark.ts";
import { type KedroProjectOptions, makeNoopProject } from "./make-kedro-project.ts";
import { readNodeTime } from "./node-time.ts";
import { runFresh, writeWorkflow } from "./runweave-command.ts";
import { medianTimes } from "./time-commands.ts";

const RUNS = 21;
const ENTRIES = 20;

/** What a warm Kedro run costs beyond the work of its nodes. */
export const runOverhead: Benchmark = {
  name: "run-overhead",
  title: `Overhead of a warm Kedro run beyond its nodes, ${ENTRIES} catalog entries`,
  async measure(bench) {
    return [
      await measureOverhead(bench, { logging: "plain", what: "plain log handlers", goalMs: 40 }),
      await measureOverhead(bench, { logging: "kedro", what: "Kedro's own (rich) handlers", goalMs: 60 }),
    ];
  },
};

interface Overhead {
  readonly logging: KedroProjectOptions["logging"];
  readonly what: string;
  readonly goalMs: number;
}

async function measureOverhead(bench: Bench, { logging, what, goalMs }: Overhead): Promise<BenchmarkRow> {
  const project = makeNoopProject(path.join(bench.folder, `project-${logging}`), { entries: ENTRIES, logging });
  const fileOf = (length: number) => {
    const run = (index: number) => (index > 0 ? { start: { run: `r${index - 1}`, dataset: "result" } } : {});
    const runs = Array.from({ length }, (_, index) => [
      `r${index}`,
      { pipeline: "noop", consumes: run(index), outputs: ["result"] },
    ]);
    return writeWorkflow(bench.folder, {
      name: `${logging}-${length}`,
      project,
      python: bench.python,
      runs: Object.fromEntries(runs),
    });
  };
  const [shortFile, longFile] = [fileOf(1), fileOf(RUNS)];
  const [short, long] = [runFresh("chain of 1", shortFile), runFresh(`chain of ${RUNS}`, longFile)];
  const medianOf = await medianTimes([short, long], bench.iterations);
  const perRunMs = (medianOf(long.name) - medianOf(short.name)) / (RUNS - 1);
  const nodesMs = readNodeTime(longFile);
  return {
    what,
    measured: perRunMs - nodesMs,
    goal: { atMost: goalMs },
    note: `(chain of ${RUNS} - chain of 1) / ${RUNS - 1} = ${perRunMs.toFixed(1)} ms, less ${nodesMs.toFixed(1)} ms of nodes`,
  };
}
