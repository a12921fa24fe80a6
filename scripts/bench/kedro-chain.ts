import path from "node:path";
import type { Bench, Benchmark, BenchmarkRow } from "./benchmark.ts";
import { copyTrainingProject, makeNoopProject } from "./make-kedro-project.ts";
import { runFresh, type WorkflowJson, writeWorkflow } from "./runweave-command.ts";
import { medianTimes, type TimedCommand, timeCommand } from "./time-commands.ts";

const RUNS = 20;
const LEAST_ITERATIONS = 3;

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
        warmGoal: 1 / 20,
      })),
      ...(await measureChain(bench, {
        name: "training",
        project: training,
        pipeline: "train",
        link: (run) => ({ needs: [run] }),
        outputs: ["metrics"],
        warmGoal: 1 / 12,
      })),
    ];
  },
};

async function measureChain(bench: Bench, chain: Chain): Promise<BenchmarkRow[]> {
  const loop = kedroRun(bench, chain.project, chain.pipeline);
  const one = runFresh("chain of 1", writeWorkflow(bench.folder, makeChain(bench, chain, 1)));
  const all = runFresh(`chain of ${RUNS}`, writeWorkflow(bench.folder, makeChain(bench, chain, RUNS)));
  const iterations = Math.max(LEAST_ITERATIONS, Math.ceil(bench.iterations / 2));
  const medianOf = await medianTimes([loop, one, all], iterations);

  const rival = { name: `${RUNS} x kedro run`, medianMs: medianOf(loop.name) * RUNS };
  const perRunMs = (medianOf(all.name) - medianOf(one.name)) / (RUNS - 1);
  const scaled = `kedro run timed ${iterations} times, median scaled to ${RUNS}`;
  return [
    {
      what: `${chain.name}, warm`,
      measuredMs: perRunMs * RUNS,
      rival,
      goal: { atMostTimes: chain.warmGoal },
      note: `${scaled}; warm = (chain of ${RUNS} - chain of 1) / ${RUNS - 1} x ${RUNS}`,
    },
    {
      what: `${chain.name}, counting the start of the zygote`,
      measuredMs: medianOf(all.name),
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
  return { name: `kedro run ${pipeline}`, argv: [kedro, "run", "--pipelines", pipeline], cwd: project };
}
