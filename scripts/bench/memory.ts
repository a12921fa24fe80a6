import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Benchmark, BenchmarkRow } from "./benchmark.ts";
import { makeLoadingProject } from "./make-kedro-project.ts";
import { registriesOf, writeWorkflow } from "./runweave-command.ts";
import { findGrowth, findOrchestrator, findZygote, sampleSession } from "./sample-session.ts";
import { median } from "./time-commands.ts";

const RUNS = 1_000;
const LOADED_MB = 100;
const GOAL_MB = 30;
const BYTES_PER_MB = 1e6;

/** Whether runs that load much leave anything in the processes that outlive them. */
export const memory: Benchmark = {
  name: "memory",
  title: `Growth of resident memory over ${RUNS.toLocaleString("en")} Kedro runs, one after the other, that each load ${LOADED_MB} MB`,
  async measure(bench) {
    if (!existsSync("/proc/self/status")) return [];
    const project = makeLoadingProject(path.join(bench.folder, "project"));
    writeFileSync(path.join(project, "data", "large.txt"), "x".repeat(LOADED_MB * BYTES_PER_MB));
    const names = Array.from({ length: RUNS }, (_, index) => `r${index}`);
    const runs = Object.fromEntries(names.map((name) => [name, { pipeline: "measure" }]));
    const header = { name: "memory", project, python: bench.python, max_parallel: 1 };
    const file = writeWorkflow(bench.folder, { ...header, runs });
    const [zygote = [], orchestrator = []] = await sampleSession(file, RUNS, [findZygote, findOrchestrator]);
    const note = `the medians of ten looks each; the peak of a run is ${readPeakMb(file).toFixed(0)} MB`;
    return [toRow("zygote", zygote, note), toRow("orchestrator", orchestrator, note)];
  },
};

function toRow(what: string, samples: readonly number[], note: string): BenchmarkRow {
  return { what, measured: findGrowth(samples), unit: "MB", goal: { atMost: GOAL_MB }, note };
}

/** The median over the runs of what each of them had at most. */
function readPeakMb(file: string): number {
  const manifests = globSync(path.join(registriesOf(file), "*", ".runweave", "attempts", "*", "manifest"));
  return median(manifests.map((name) => JSON.parse(readFileSync(name, "utf8")).peak_memory_bytes / BYTES_PER_MB));
}
