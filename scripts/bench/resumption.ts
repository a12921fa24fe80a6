import path from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { runweave, writeWorkflow } from "./runweave-command.ts";
import { medianTimes, runCommand, type TimedCommand } from "./time-commands.ts";

const RUNS = 10_000;
const GOAL_MS = 2_000;
const COPY = ["/bin/sh", "-c", 'echo done > "$1"', "sh"];

/** All of a session has succeeded but for its last run, which is tried again: everything else is looked at and kept. */
export const resumption: Benchmark = {
  name: "resume",
  title: `Resume of a session of ${RUNS.toLocaleString("en")} runs, of which one is left`,
  async measure(bench) {
    const names = Array.from({ length: RUNS - 1 }, (_, index) => `r${index}`);
    const done = names.map((name) => [name, { command: [...COPY, "${outputs.o.path}"], outputs: ["o"] }]);
    const consumes = { first: { run: "r0", dataset: "o" }, last: { run: names.at(-1), dataset: "o" } };
    const left = { command: ["/bin/false"], needs: names, consumes };
    const runs = { ...Object.fromEntries(done), left };
    const file = writeWorkflow(bench.folder, { name: "resumed", max_parallel: 2, runs });
    const at = ["--registry", path.join(bench.folder, "registry"), "--json"];
    const begun = failing(runweave("run", path.dirname(file), ["run", file, ...at]));
    await runCommand(begun.name, begun.launch());
    const resume = failing(runweave("resume", path.dirname(file), ["resume", ...at]));
    const medianOf = await medianTimes([resume], bench.iterations);
    const note = "the whole command, the run that is left included";
    return [{ what: "runweave resume", measured: medianOf(resume.name), goal: { atMost: GOAL_MS }, note }];
  },
};

/** The same command where a failed run, exit code 1, is what is wanted. */
function failing({ name, launch }: TimedCommand): TimedCommand {
  return {
    name,
    launch: () => {
      const { argv, cwd } = launch();
      return { argv: ["/bin/sh", "-c", '"$@"; [ $? = 1 ]', "sh", ...argv], cwd };
    },
  };
}
