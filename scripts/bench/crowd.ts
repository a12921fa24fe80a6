import path from "node:path";
import type { Bench, Benchmark, BenchmarkRow } from "./benchmark.ts";
import { copyTrainingProject, makeNoopProject } from "./make-kedro-project.ts";
import { runFresh, writeWorkflow } from "./runweave-command.ts";
import { medianTimes, repeat, type TimedCommand, timeCommand } from "./time-commands.ts";

const RUNS = 50;
const SHELLS = 2;
/** How many runs each shell is timed with; more would only take longer. */
const SHELL_RUNS = 5;

interface Crowd {
  readonly name: string;
  readonly pipeline: string;
  readonly output: string;
  /** Makes a project in a new folder of this name. */
  makeProject(folder: string): Promise<string>;
}

/** Many runs at once on few processors, next to as many shells as there are processors. */
export const crowd: Benchmark = {
  name: "crowd",
  title: `${RUNS} Kedro runs that need nothing of each other, ${SHELLS} at a time, next to ${SHELLS} shells that loop \`kedro run\``,
  async measure(bench) {
    const noop: Crowd = {
      name: "no-op",
      pipeline: "noop",
      output: "result",
      makeProject: async (folder) =>
        makeNoopProject(path.join(bench.folder, folder), { entries: 20, logging: "kedro" }),
    };
    const training: Crowd = {
      name: "training",
      pipeline: "train",
      output: "metrics",
      makeProject: async (folder) => {
        const project = copyTrainingProject(path.join(bench.folder, folder));
        await timeCommand(repeat("kedro run prepare", { argv: [...kedroRun(bench), "prepare"], cwd: project }));
        return project;
      },
    };
    return [await measureCrowd(bench, noop), await measureCrowd(bench, training)];
  },
};

async function measureCrowd(bench: Bench, crowd: Crowd): Promise<BenchmarkRow> {
  const project = await crowd.makeProject(crowd.name);
  // Shells that shared a project would write each other's files.
  const copies = await Promise.all(
    Array.from({ length: SHELLS }, (_, index) => crowd.makeProject(`${crowd.name}-shell-${index}`)),
  );
  const run = { pipeline: crowd.pipeline, outputs: [crowd.output] };
  const runs = Object.fromEntries(Array.from({ length: RUNS }, (_, index) => [`r${index}`, run]));
  const header = { name: `${crowd.name}-crowd`, project, python: bench.python, max_parallel: SHELLS };
  const ours = runFresh(`${RUNS} runs`, writeWorkflow(bench.folder, { ...header, runs }));
  const shells = loopInShells(bench, copies, crowd.pipeline);
  const medianOf = await medianTimes([shells, ours], bench.iterations);
  return {
    what: `${crowd.name}, counting the start of the zygote`,
    measured: medianOf(ours.name),
    rival: { name: shells.name, median: (medianOf(shells.name) * RUNS) / (SHELLS * SHELL_RUNS) },
    note: `each shell has a copy of the project, is timed with ${SHELL_RUNS} runs, and scaled to ${RUNS / SHELLS}`,
  };
}

function loopInShells(bench: Bench, projects: readonly string[], pipeline: string): TimedCommand {
  const loops = projects.map((project) => {
    const kedro = [...kedroRun(bench), pipeline].map((word) => `'${word}'`).join(" ");
    return `(cd '${project}' && for i in $(seq ${SHELL_RUNS}); do ${kedro} || exit 1; done) & all="$all $!"`;
  });
  const script = [...loops, "for pid in $all; do wait $pid || exit 1; done"].join("\n");
  return repeat(`${SHELLS} shells`, { argv: ["/bin/sh", "-c", script], cwd: bench.folder });
}

function kedroRun(bench: Bench): [string, ...string[]] {
  return [path.join(path.dirname(bench.python), "kedro"), "run", "--pipelines"];
}
