import type { Benchmark } from "./benchmark.ts";
import { runweave, writeWorkflow } from "./runweave-command.ts";
import { makeChain, toWorkflow } from "./task-graph.ts";
import { medianTimes, type TimedCommand } from "./time-commands.ts";

const HELP_GOAL_MS = 150;
const VALIDATE_GOAL_MS = 300;
// Short commands: timing them more often costs little and steadies the median.
const TIMES_MORE = 3;

/** How long a person waits for the command line itself. */
export const startUp: Benchmark = {
  name: "start-up",
  title: "The command line itself, next to an empty Node program",
  async measure(bench) {
    const file = writeWorkflow(bench.folder, toWorkflow("small", makeChain(5), 2));
    const node: TimedCommand = { name: "node -e 0", argv: [process.execPath, "-e", "0"], cwd: bench.folder };
    const help = runweave("runweave --help", bench.folder, ["--help"]);
    const validate = runweave("runweave validate, no project", bench.folder, ["validate", file]);
    const medianOf = await medianTimes([node, help, validate], bench.iterations * TIMES_MORE);
    const rival = { name: node.name, medianMs: medianOf(node.name) };
    return [
      { what: help.name, measuredMs: medianOf(help.name), rival, goal: { atMostMs: HELP_GOAL_MS } },
      { what: validate.name, measuredMs: medianOf(validate.name), rival, goal: { atMostMs: VALIDATE_GOAL_MS } },
    ];
  },
};
