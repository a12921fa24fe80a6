import { type Command, Option } from "commander";
import { type SimulateRequest, simulateWorkflow } from "../../../compose/actions/simulate-workflow.ts";
import { ASSUMED_MS } from "../../../compose/simulate/simulate-plan.ts";
import { renderSimulation } from "../../../report/result/simulation.ts";
import { type RegistryFlag, toContext, withStops } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import {
  type Done,
  FILE,
  json,
  maxParallel,
  onFailure,
  parseCount,
  registry,
  repeatable,
} from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { workflowOr } from "../../find/choose-workflow.ts";
import { lookOf, writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

const SIMULATION_HELP = `
Rules of --faults, one per line or separated by semicolons. The name of a matrix
stands for all its variants, * for every run:
  train fails twice with OSError after 10s..1m
                            also: once, 3 times, always, 10% of the time
  train dies once           its process is killed
  train hangs               it never ends by itself
  train ignores interrupts  only a kill ends it
  score loses its outputs   what it saved is missing
  prep takes 5m..20m        instead of the time that earlier sessions took
  fit is 3x slower
  user interrupts at 5m     Ctrl-C
  user kills after 3 runs   Ctrl-C twice
  orchestrator crashes at 10m
  clock jumps back 1h at 5m
${formatExamples(
  ["runweave simulate churn.yaml", "when it would end, and what decides that"],
  ['runweave simulate churn.yaml --faults "train fails twice"', "which runs would be retried, skipped, done"],
  ["runweave simulate churn.yaml --faults faults.txt --max-parallel 8 --json"],
)}`;

/** Declares `simulate`. */
export function declareSimulate(command: Command, done: Done): void {
  command
    .description("estimate when a session would end, and what faults would do, without running anything")
    .argument("[file]", FILE)
    .option("--seed <text>", "seed of the random numbers: the same seed gives the same sessions", "1")
    .addOption(new Option("--trials <n>", "number of simulated sessions (default: up to 200)").argParser(parseCount))
    .addOption(repeatable("--faults <rules>", "faults to simulate: rules, or a file with rules; may be repeated"))
    .addOption(maxParallel("as the file says, else the number of CPUs"))
    .addOption(onFailure())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", SIMULATION_HELP)
    .action(async (file, flags) => done(await simulateWorkflowFile(file, flags)));
}

export interface SimulateFlags extends RegistryFlag, Omit<SimulateRequest, "workflow"> {
  json?: boolean;
}

/**
 * `runweave simulate [FILE]`: forecasts when a session would end, and each run's status under faults. No run is
 * started.
 */
export async function simulateWorkflowFile(
  said: string | undefined,
  { registry, json, ...asked }: SimulateFlags,
): Promise<ExitCode> {
  const request = { ...asked, workflow: workflowOr(said) };
  const simulation = await withStops((stops) => simulateWorkflow({ registry }, request, toContext({ json }, stops)));
  if (json) writeAnswer("simulate", simulation);
  else writeLines(process.stdout, renderSimulation(simulation, { ...lookOf(process.stdout), assumedMs: ASSUMED_MS }));
  return 0;
}
