import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { reportScriptError } from "../python/set-up-error.ts";
import { setUpPython } from "../setup-python.ts";
import type { Bench, Benchmark, BenchmarkRow } from "./benchmark.ts";
import { commands } from "./commands.ts";
import { formatTable } from "./format-table.ts";
import { kedroChain } from "./kedro-chain.ts";
import { planning } from "./planning.ts";
import { runOverhead } from "./run-overhead.ts";
import { startUp } from "./start-up.ts";

const BENCHMARKS: readonly Benchmark[] = [kedroChain, runOverhead, commands, planning, startUp];
const DEFAULT_ITERATIONS = 5;
const USAGE = `npm run bench -- [--only NAME,NAME] [--iterations N] [--json FILE]
  NAME: ${BENCHMARKS.map(({ name }) => name).join(", ")}`;

interface Options {
  readonly chosen: readonly Benchmark[];
  readonly iterations: number;
  readonly json: string | undefined;
}

/** Reads the arguments; undefined if they make no sense. */
function readOptions(): Options | undefined {
  const values = readArguments();
  const names = values?.only?.split(",") ?? BENCHMARKS.map(({ name }) => name);
  const chosen = BENCHMARKS.filter(({ name }) => names.includes(name));
  const iterations = Number(values?.iterations ?? DEFAULT_ITERATIONS);
  const isSensible = chosen.length === new Set(names).size && Number.isInteger(iterations) && iterations > 0;
  return values && isSensible ? { chosen, iterations, json: values.json } : undefined;
}

function readArguments(): { only?: string; iterations?: string; json?: string } | undefined {
  const text = { type: "string" } as const;
  try {
    return parseArgs({ options: { only: text, iterations: text, json: text } }).values;
  } catch {
    return undefined;
  }
}

/** Runs the benchmarks and prints their tables. Gives 1 if a command failed; a goal that is missed is no failure. */
async function runBenchmarks(options: Options): Promise<number> {
  const { python } = await setUpPython();
  const root = mkdtempSync(path.join(tmpdir(), "runweave-bench-"));
  const results: Record<string, readonly BenchmarkRow[] | { error: string }> = {};
  console.log(describeMachine());
  try {
    for (const benchmark of options.chosen) {
      results[benchmark.name] = await runBenchmark(benchmark, {
        ...options,
        python,
        folder: path.join(root, benchmark.name),
      });
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  return Object.values(results).some((result) => "error" in result) ? 1 : 0;
}

async function runBenchmark(benchmark: Benchmark, bench: Bench): Promise<readonly BenchmarkRow[] | { error: string }> {
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
  const options = readOptions();
  if (options) process.exitCode = await runBenchmarks(options);
  else {
    console.error(USAGE);
    process.exitCode = 2;
  }
} catch (error) {
  process.exitCode = reportScriptError(error);
}
