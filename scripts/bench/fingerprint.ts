import path from "node:path";
import type { Bench } from "./benchmark.ts";
import { makeWideProject } from "./make-kedro-project.ts";
import { NO_FILTERS, openKedroRunner } from "./probe.ts";

const TIMES = 10;

/**
 * The milliseconds that a warm worker takes to tell what the result of a run of so many nodes depends on: the code that they
 * reach, each in a module of its own, their parameters, catalog entries and environment.
 */
export async function timeFingerprints(bench: Bench, nodes: number): Promise<number[]> {
  const project = makeWideProject(path.join(bench.folder, "project"), nodes);
  const runner = openKedroRunner(path.join(bench.folder, "state"));
  const address = { project_path: project, python: bench.python, env: null, conf_source: null };
  const how = { runner: "SequentialRunner", is_async: false, outputs: [], supplied: [] };
  const slices = { run: { pipeline_names: ["wide"], filters: NO_FILTERS, ...how } };
  const times: number[] = [];
  try {
    // The first one starts the worker.
    for (let count = 0; count <= TIMES; count += 1) {
      const startedAt = performance.now();
      const answer = await runner.probe(address, { runtime_params: {}, slices, work: true });
      if (count > 0) times.push(performance.now() - startedAt);
      if (!answer.ok) throw new Error(`the project can't be asked: ${answer.problems[0]?.message}`);
    }
    return times;
  } finally {
    await runner.close();
  }
}
