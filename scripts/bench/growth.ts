import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Bench, Benchmark, BenchmarkRow } from "./benchmark.ts";
import { makeNoopProject } from "./make-kedro-project.ts";
import { runFresh, writeWorkflow } from "./runweave-command.ts";
import { makeFan, toWorkflow } from "./task-graph.ts";
import { median, runCommand } from "./time-commands.ts";

const COMMANDS = 10_000;
const KEDRO_RUNS = 1_000;
const SAMPLES = 100;
const GOAL_MB = 30;
const BYTES_PER_MB = 1e6;

/** Whether what stays alive for a whole session grows with the number of its runs. */
export const growth: Benchmark = {
  name: "growth",
  title: "Growth of resident memory over a session, from its first tenth to its last",
  async measure(bench) {
    if (!existsSync("/proc/self/status")) return [];
    return [await measureOrchestrator(bench), await measureZygote(bench)];
  },
};

async function measureOrchestrator(bench: Bench): Promise<BenchmarkRow> {
  const file = writeWorkflow(bench.folder, toWorkflow("commands", makeFan(COMMANDS), 2));
  const what = `orchestrator, ${COMMANDS.toLocaleString("en")} commands`;
  return toRow(what, await sampleSession(file, COMMANDS, (pid) => pid));
}

async function measureZygote(bench: Bench): Promise<BenchmarkRow> {
  const project = makeNoopProject(path.join(bench.folder, "project"), { entries: 20, logging: "kedro" });
  const names = Array.from({ length: KEDRO_RUNS }, (_, index) => `r${index}`);
  const runs = Object.fromEntries(names.map((name) => [name, { pipeline: "noop" }]));
  const file = writeWorkflow(bench.folder, { name: "zygote", project, python: bench.python, max_parallel: 2, runs });
  const what = `zygote, ${KEDRO_RUNS.toLocaleString("en")} Kedro runs`;
  return toRow(what, await sampleSession(file, KEDRO_RUNS, findZygote));
}

function toRow(what: string, samples: readonly number[]): BenchmarkRow {
  const note = "the medians of ten looks each; what a session remembers of each run counts too";
  return { what, measured: findGrowth(samples), unit: "MB", goal: { atMost: GOAL_MB }, note };
}

/** How much higher the last tenth of the samples is than the second tenth: in the first one, programs still warm up. */
export function findGrowth(samples: readonly number[]): number {
  const tenth = Math.floor(samples.length / 10);
  return median(samples.slice(-tenth)) - median(samples.slice(tenth, 2 * tenth));
}

/** Looks at a process of a session again and again as its runs end. */
async function sampleSession(file: string, runs: number, pidOf: (orchestrator: number) => number): Promise<number[]> {
  const samples: number[] = [];
  let ended = 0;
  const { name, launch } = runFresh(path.basename(path.dirname(file)), file);
  await runCommand(name, launch(), ({ pid, stdout }) => {
    if (pid === undefined || stdout === null) return;
    createInterface({ input: stdout }).on("line", (line) => {
      if (!line.startsWith('{"type":"run.succeeded"')) return;
      ended += 1;
      // After the last run the process is about to end, and may be gone.
      if (ended % (runs / SAMPLES) === 0 && ended < runs) samples.push(readResidentMb(pidOf(pid)));
    });
  });
  if (ended !== runs) throw new Error(`${name}: ${ended} of ${runs} runs succeeded`);
  return samples;
}

function readResidentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kib) * 1024) / BYTES_PER_MB;
}

/** The child of the orchestrator that is a Kedro worker. */
function findZygote(orchestrator: number): number {
  const children = readFileSync(`/proc/${orchestrator}/task/${orchestrator}/children`, "utf8").trim().split(" ");
  const isWorker = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("runweave_worker");
  const found = children.find(isWorker);
  if (found === undefined) throw new Error("the orchestrator has no Kedro worker");
  return Number(found);
}
