import { existsSync } from "node:fs";
import type { Benchmark } from "./benchmark.ts";
import { writeWorkflow } from "./runweave-command.ts";
import { findGrowth, findOrchestrator, sampleSession } from "./sample-session.ts";
import { makeFan, toWorkflow } from "./task-graph.ts";

const COMMANDS = 10_000;
const GOAL_MB = 30;

/** Whether the orchestrator grows with the number of its runs. */
export const growth: Benchmark = {
  name: "growth",
  title: "Growth of resident memory over a session of commands, from its second tenth to its last",
  async measure(bench) {
    if (!existsSync("/proc/self/status")) return [];
    const file = writeWorkflow(bench.folder, toWorkflow("commands", makeFan(COMMANDS), 2));
    const [samples = []] = await sampleSession(file, COMMANDS, [findOrchestrator]);
    const what = `orchestrator, ${COMMANDS.toLocaleString("en")} commands`;
    const note = "the medians of ten looks each; what a session remembers of each run counts too";
    return [{ what, measured: findGrowth(samples), unit: "MB", goal: { atMost: GOAL_MB }, note }];
  },
};
