import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { reportScriptError } from "../python/set-up-error.ts";
import { setUpPython } from "../setup-python.ts";
import { again } from "./again.ts";
import type { Bench, Benchmark, BenchmarkRow } from "./benchmark.ts";
import { commands } from "./commands.ts";
import { crowd } from "./crowd.ts";
import { durability } from "./durability.ts";
import { formatTable, formatVerdict } from "./format-table.ts";
import { growth } from "./growth.ts";
import { kedroChain } from "./kedro-chain.ts";
import { largeRegistry } from "./large-registry.ts";
import { memory } from "./memory.ts";
import { planning } from "./planning.ts";
import { probe } from "./probe.ts";
import { type BenchOptions, readOptions } from "./read-options.ts";
import { resumption } from "./resumption.ts";
import { reusedExample } from "./reused-example.ts";
import { runOverhead } from "./run-overhead.ts";
import { simulator } from "./simulator.ts";
import { startUp } from "./start-up.ts";

const BENCHMARKS: readonly Benchmark[] = [
  kedroChain,
  crowd,
  runOverhead,
  probe,
  commands,
  again,
  reusedExample,
  planning,
  simulator,
  durability,
  resumption,
  startUp,
  growth,
  memory,
  largeRegistry,
];
const NAMES = BENCHMARKS.map(({ name }) => name);
const USAGE = `npm run bench -- [--only NAME,NAME] [--iterations N] [--all-rivals] [--json FILE]
  NAME: ${NAMES.join(", ")}
  --all-rivals: luigi, snakemake, dagster and redun too, which take minutes to install`;

type Result = readonly BenchmarkRow[] | { readonly error: string };

/** Runs the benchmarks and prints their tables. Gives 1 if a command failed; a goal that is missed is no failure. */
async function runBenchmarks(options: BenchOptions): Promise<number> {
  const { python } = await setUpPython();
  const root = mkdtempSync(path.join(tmpdir(), "runweave-bench-"));
  const results: Record<string, Result> = {};
  console.log(describeMachine());
  try {
    for (const benchmark of BENCHMARKS.filter(({ name }) => options.chosen.includes(name))) {
      const { iterations, allRivals } = options;
      const folder = path.join(root, benchmark.name);
      results[benchmark.name] = await runBenchmark(benchmark, { iterations, allRivals, python, folder });
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  const measured = Object.values(results);
  console.log(`\n${formatVerdict(measured.flatMap((result) => ("error" in result ? [] : result)))}`);
  return measured.some((result) => "error" in result) ? 1 : 0;
}

async function runBenchmark(benchmark: Benchmark, bench: Bench): Promise<Result> {
  process.stderr.write(`\n${benchmark.name} ...\n`);
  mkdirSync(bench.folder, { recursive: true });
  try {
    const rows = await benchmark.measure(bench);
    console.log(`\n${formatTable(benchmark, rows)}`);
    return rows;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.log(`\n${benchmark.title}\n\n  failed: ${message}`);
    return { error: message };
  }
}

function describeMachine(): string {
  const load = loadavg()[0]?.toFixed(1);
  return `Node ${process.version}, ${availableParallelism()} CPUs (${cpus()[0]?.model.trim()}), load ${load}. Medians of whole commands.`;
}

try {
  const options = readOptions(process.argv.slice(2), NAMES);
  if (options) process.exitCode = await runBenchmarks(options);
  else {
    console.error(USAGE);
    process.exitCode = 2;
  }
} catch (error) {
  process.exitCode = reportScriptError(error);
}
