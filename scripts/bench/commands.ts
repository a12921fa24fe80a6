import { availableParallelism } from "node:os";
import path from "node:path";
import type { Bench, Benchmark, BenchmarkRow } from "./benchmark.ts";
import type { Rival } from "./rival.ts";
import { RIVALS } from "./rivals.ts";
import { runFresh, writeWorkflow } from "./runweave-command.ts";
import { makeChainAndFan, type Task, toWorkflow } from "./task-graph.ts";
import { medianTimes, type TimedCommand } from "./time-commands.ts";

const TASKS = 100;
const NAME = "runweave";
// Next to each other tool the goal is to be faster. A loop and doit make no durable record of each command; make and ninja none at all.
const GOALS: Readonly<Record<string, number | undefined>> = {
  "shell loop": 8,
  doit: 2,
  make: undefined,
  ninja: undefined,
};

/** Commands that do nothing, so that all that is timed is the tool. */
export const commands: Benchmark = {
  name: "commands",
  title: `${TASKS} no-op commands, half a chain and half a fan, with a durable registry, next to other tools`,
  async measure(bench) {
    const jobs = availableParallelism();
    const tasks = makeChainAndFan(TASKS);
    const rivals = RIVALS.filter((rival) => (bench.allRivals || !rival.isSlow) && (rival.isAvailable?.() ?? true));
    const ours = runFresh(NAME, writeWorkflow(bench.folder, toWorkflow("commands", tasks, jobs)));
    const medians = await timeRivals(bench, rivals, { ours, tasks, jobs });
    return rivals.map((rival) => makeRow(rival, `runweave run, ${jobs} at a time`, medians));
  },
};

interface Contest {
  readonly ours: TimedCommand;
  readonly tasks: readonly Task[];
  readonly jobs: number;
}

async function timeRivals(bench: Bench, rivals: readonly Rival[], contest: Contest): Promise<Map<string, number>> {
  const fast = [contest.ours];
  const slow: TimedCommand[] = [];
  for (const rival of rivals) {
    const command = await rival.prepare({ ...contest, folder: path.join(bench.folder, rival.name) });
    (rival.isSlow ? slow : fast).push(command);
  }
  const medianOfFast = await medianTimes(fast, bench.iterations);
  const timeOfSlow = await medianTimes(slow, 1);
  return new Map([
    ...fast.map(({ name }) => [name, medianOfFast(name)] as const),
    ...slow.map(({ name }) => [name, timeOfSlow(name)] as const),
  ]);
}

function makeRow({ name, isSlow }: Rival, what: string, medians: ReadonlyMap<string, number>): BenchmarkRow {
  const medianOf = (command: string) => medians.get(command) ?? Number.NaN;
  const atMostTimes = name in GOALS ? GOALS[name] : 1;
  return {
    what,
    measured: medianOf(NAME),
    rival: { name: isSlow ? `${name} (timed once)` : name, median: medianOf(name) },
    ...(atMostTimes === undefined ? {} : { goal: { atMostTimes } }),
  };
}
