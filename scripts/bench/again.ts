import { availableParallelism } from "node:os";
import path from "node:path";
import { AGAIN_RIVALS } from "./again-rivals.ts";
import type { Bench, Benchmark, BenchmarkRow } from "./benchmark.ts";
import { timeFingerprints } from "./fingerprint.ts";
import { runweave, writeWorkflow } from "./runweave-command.ts";
import { median, medianTimes, repeat, runCommand } from "./time-commands.ts";

const TASKS = 1_000;
const NODES = 300;
// Each reuse is an event in a log with hashes, which doit has not. Next to the others the goal is to be faster.
const GOALS: Readonly<Record<string, number | undefined>> = { doit: 3 };
const FINGERPRINT_GOAL_MS = 300;
const OURS = "runweave";

/** What need not be done again: how long it takes to know that. */
export const again: Benchmark = {
  name: "again",
  title: `The same workflow again: ${TASKS} commands, each with an output, all of them reused`,
  async measure(bench) {
    const rivals = AGAIN_RIVALS.filter(({ isSlow }) => bench.allRivals || !isSlow);
    const commands = [runAgain(bench), ...(await prepareRivals(bench))];
    // The first time does the work, and is not timed.
    for (const { name, launch } of commands) await runCommand(name, launch());
    const medianOf = await medianTimes(commands, bench.iterations);
    const ours = { measured: medianOf(OURS) };
    const rows: BenchmarkRow[] = [
      { what: "runweave run, the second time", ...ours },
      ...rivals.map(({ name }) => ({
        what: "next to the same of",
        measured: ours.measured,
        rival: { name, median: medianOf(name) },
        goal: { atMostTimes: GOALS[name] ?? 1 },
      })),
    ];
    const fingerprints = await timeFingerprints(bench, NODES);
    const note = `${fingerprints.length} times, warm`;
    const fingerprint = { measured: median(fingerprints), goal: { atMost: FINGERPRINT_GOAL_MS }, note };
    return [...rows, { what: `fingerprint of a Kedro run of ${NODES} nodes`, ...fingerprint }];
  },
};

function runAgain(bench: Bench) {
  const first = { command: ["sh", "-c", 'echo 1 >"$1"', "sh", "${outputs.data.path}"], outputs: ["data"] };
  const copy = {
    command: ["cp", "${inputs.data.path}", "${outputs.copy.path}"],
    consumes: { data: "first" },
    outputs: ["copy"],
  };
  const copies = Array.from({ length: TASKS - 1 }, (_, index) => [`copy_${index}`, copy] as const);
  const file = writeWorkflow(bench.folder, {
    name: "again",
    max_parallel: availableParallelism(),
    defaults: { cache: "on" },
    runs: { first, ...Object.fromEntries(copies) },
  });
  const registry = path.join(bench.folder, ".runweave");
  return runweave(OURS, bench.folder, ["run", file, "--json", "--registry", registry]);
}

async function prepareRivals(bench: Bench) {
  const rivals = AGAIN_RIVALS.filter(({ isSlow }) => bench.allRivals || !isSlow);
  const prepared = [];
  for (const rival of rivals) {
    prepared.push(repeat(rival.name, await rival.prepare(path.join(bench.folder, rival.name), TASKS)));
  }
  return prepared;
}
