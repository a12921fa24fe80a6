import { mkdirSync } from "node:fs";
import path from "node:path";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { KedroRunner } from "../../src/runners/kedro/kedro-runner.ts";
import type { Bench, Benchmark } from "./benchmark.ts";
import { makeNoopProject } from "./make-kedro-project.ts";
import { benchEnvironment, median } from "./time-commands.ts";

const ENTRIES = 300;
const WARM_PROBES = 10;
const FIRST_GOAL_MS = 2_000;
const WARM_GOAL_MS = 150;
/** A slice of the whole pipeline. */
export const NO_FILTERS = {
  tags: [],
  node_names: [],
  from_nodes: [],
  to_nodes: [],
  from_inputs: [],
  to_outputs: [],
  namespaces: [],
};

/** How long a project takes to say what its pipelines would do: `plan` and `run` ask that before anything else. */
export const probe: Benchmark = {
  name: "probe",
  title: `Asking a Kedro project of ${ENTRIES} catalog entries about a run`,
  async measure(bench) {
    const project = makeNoopProject(path.join(bench.folder, "project"), { entries: ENTRIES, logging: "kedro" });
    const [first, warm]: [number[], number[]] = [[], []];
    for (let iteration = 0; iteration < bench.iterations; iteration += 1) {
      const [start = Number.NaN, ...rest] = await timeProbes(bench, project, iteration);
      first.push(start);
      warm.push(...rest);
    }
    const note = `${bench.iterations} workers, ${WARM_PROBES} more probes of each`;
    return [
      { what: "first, counting the worker's start", measured: median(first), goal: { atMost: FIRST_GOAL_MS }, note },
      { what: "warm", measured: median(warm), goal: { atMost: WARM_GOAL_MS }, note },
    ];
  },
};

/** The milliseconds of each probe of one new worker. */
async function timeProbes(bench: Bench, project: string, iteration: number): Promise<number[]> {
  const runner = openKedroRunner(path.join(bench.folder, `state-${iteration}`));
  const address = { project_path: project, python: bench.python, env: null, conf_source: null };
  const how = { runner: "SequentialRunner", is_async: false, outputs: [], supplied: [] };
  const slices = { run: { pipeline_names: ["noop"], filters: NO_FILTERS, ...how } };
  try {
    const times: number[] = [];
    for (let count = 0; count <= WARM_PROBES; count += 1) {
      const startedAt = performance.now();
      const answer = await runner.probe(address, { runtime_params: {}, slices });
      times.push(performance.now() - startedAt);
      if (!answer.ok) throw new Error(`the project can't be asked: ${answer.problems[0]?.message}`);
    }
    return times;
  } finally {
    await runner.close();
  }
}

/** A runner with a state folder of its own. */
export function openKedroRunner(root: string): KedroRunner {
  const folderOf = (name: string) => path.join(root, name);
  const [attempts, logs, store, trash] = ["attempts", "logs", "data", "trash"].map(folderOf) as [
    string,
    string,
    string,
    string,
  ];
  mkdirSync(logs, { recursive: true });
  return new KedroRunner({
    holds: createMemoryRegistry().holds,
    folders: { root, attempts, logs, store, trash },
    environment: benchEnvironment(),
  });
}
