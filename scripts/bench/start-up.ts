import type { Benchmark } from "./benchmark.ts";
import { runweave, writeWorkflow } from "./runweave-command.ts";
import { makeChain, toWorkflow } from "./task-graph.ts";
import { medianTimes, repeat } from "./time-commands.ts";

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
    const node = repeat("node -e 0", { argv: [process.execPath, "-e", "0"], cwd: bench.folder });
    const help = runweave("runweave --help", bench.folder, ["--help"]);
    const validate = runweave("runweave validate, no project", bench.folder, ["validate", file]);
    const medianOf = await medianTimes([node, help, validate], bench.iterations * TIMES_MORE);
    const rival = { name: node.name, median: medianOf(node.name) };
    return [
      { what: help.name, measured: medianOf(help.name), rival, goal: { atMost: HELP_GOAL_MS } },
      { what: validate.name, measured: medianOf(validate.name), rival, goal: { atMost: VALIDATE_GOAL_MS } },
    ];
  },
};
