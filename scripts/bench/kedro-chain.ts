import path from "node:path";
import type { Bench, Benchmark, BenchmarkRow } from "./benchmark.ts";
import { copyTrainingProject, makeNoopProject } from "./make-kedro-project.ts";
import { readNodeTime } from "./node-time.ts";
import { runFresh, type WorkflowJson, writeWorkflow } from "./runweave-command.ts";
import { medianTimes, repeat, type TimedCommand, timeCommand } from "./time-commands.ts";

const RUNS = 20;

/** What differs between the two chains. */
interface Chain {
  readonly name: string;
  readonly project: string;
  readonly pipeline: string;
  /** Makes a run wait for the one before it. */
  readonly link: (previous: string) => object;
  readonly outputs: readonly string[];
  readonly warmGoal: number;
}

/** A chain of 20 Kedro runs next to a shell loop of `kedro run`. */
export const kedroChain: Benchmark = {
  name: "kedro-chain",
  title: `A chain of ${RUNS} Kedro runs, next to a loop of \`kedro run\``,
  async measure(bench) {
    const noop = makeNoopProject(path.join(bench.folder, "noop"), { entries: 20, logging: "kedro" });
    const training = copyTrainingProject(path.join(bench.folder, "training"));
    await timeCommand(kedroRun(bench, training, "prepare"));
    const consumeResult = (run: string) => ({ consumes: { start: { run, dataset: "result" } } });
    return [
      ...(await measureChain(bench, {
        name: "no-op",
        project: noop,
        pipeline: "noop",
        link: consumeResult,
        outputs: ["result"],
        warmGoal: 1 / 22,
      })),
      ...(await measureChain(bench, {
        name: "training",
        project: training,
        pipeline: "train",
        link: (run) => ({ needs: [run] }),
        outputs: ["metrics"],
        warmGoal: 1 / 7.5,
      })),
    ];
  },
};

async function measureChain(bench: Bench, chain: Chain): Promise<BenchmarkRow[]> {
  const loop = kedroRun(bench, chain.project, chain.pipeline);
  const one = runFresh("chain of 1", writeWorkflow(bench.folder, makeChain(bench, chain, 1)));
  const allFile = writeWorkflow(bench.folder, makeChain(bench, chain, RUNS));
  const all = runFresh(`chain of ${RUNS}`, allFile);
  const medianOf = await medianTimes([loop, one, all], bench.iterations);

  const rival = { name: `${RUNS} x kedro run`, median: medianOf(loop.name) * RUNS };
  const perRunMs = (medianOf(all.name) - medianOf(one.name)) / (RUNS - 1);
  const scaled = `kedro run timed ${bench.iterations} times, median scaled to ${RUNS}`;
  const nodes = `the nodes of each ${chain.name} run take ${readNodeTime(allFile).toFixed(0)} ms by themselves`;
  return [
    {
      what: `${chain.name}, warm`,
      measured: perRunMs * RUNS,
      rival,
      goal: { atMostTimes: chain.warmGoal },
      note: `warm = (chain of ${RUNS} - chain of 1) / ${RUNS - 1} x ${RUNS}; ${nodes}`,
    },
    {
      what: `${chain.name}, counting the start of the zygote`,
      measured: medianOf(all.name),
      rival,
      goal: { atMostTimes: 1 / 8 },
      note: scaled,
    },
  ];
}

function makeChain(bench: Bench, chain: Chain, length: number): WorkflowJson {
  const runs = Array.from({ length }, (_, index) => [
    `r${index}`,
    { pipeline: chain.pipeline, outputs: chain.outputs, ...(index > 0 ? chain.link(`r${index - 1}`) : {}) },
  ]);
  return {
    name: `${chain.name}-${length}`,
    project: chain.project,
    python: bench.python,
    runs: Object.fromEntries(runs),
  };
}

function kedroRun(bench: Bench, project: string, pipeline: string): TimedCommand {
  const kedro = path.join(path.dirname(bench.python), "kedro");
  return repeat(`kedro run ${pipeline}`, { argv: [kedro, "run", "--pipelines", pipeline], cwd: project });
}
