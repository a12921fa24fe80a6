import { preparePlan } from "../../compose/prepare/prepare-plan.ts";
import { lookForRegistry } from "../../compose/registry-source.ts";
import { readPastDurations } from "../../compose/simulate/past-durations.ts";
import { ASSUMED_MS, simulatePlan } from "../../compose/simulate/simulate-plan.ts";
import { defaultParallelism } from "../../compose/workspace.ts";
import { expandRuns } from "../../plan/expand/expand.ts";
import type { Plan } from "../../plan/plan.ts";
import { renderSimulation } from "../../report/result/simulation.ts";
import { showLine } from "../await-plan.ts";
import { type ExitCode, interruptedError } from "../errors.ts";
import { workflowOr } from "../find/choose-workflow.ts";
import type { RegistryFlag } from "../open-registry.ts";
import { type FaultScript, readFaults } from "../read-faults.ts";
import { readPrepared } from "../read-plan.ts";
import { folderOf } from "../read-workflow.ts";
import { lookOf, writeLines, writeProblems } from "../terminal.ts";
import { watchSignals } from "../watch-signals.ts";
import { writeAnswer } from "../write-answer.ts";

export interface SimulateFlags extends RegistryFlag {
  seed: string;
  trials?: number;
  faults?: string[];
  maxParallel?: number;
  onFailure?: "fail-fast" | "continue";
  json?: boolean;
}

/** `runweave simulate [FILE]`: when a session would end, and what would become of it under faults. Starts nothing of it. */
export async function simulateWorkflowFile(said: string | undefined, flags: SimulateFlags): Promise<ExitCode> {
  const file = workflowOr(said);
  const { plan, faults, warnings } = await readUsage(file, flags);
  if (!flags.json) writeProblems(process.stderr, warnings);
  const stops = watchSignals();
  const interrupted = new AbortController();
  stops.interrupt.addEventListener("abort", () => interrupted.abort(interruptedError()));
  const dropLine = showLine("simulating …", process.stderr);
  try {
    const simulation = await simulatePlan({
      plan: { ...plan, onFailure: flags.onFailure ?? plan.onFailure },
      seed: flags.seed,
      trials: flags.trials ?? null,
      maxParallel: flags.maxParallel ?? plan.maxParallel ?? defaultParallelism(),
      faults: faults.rules,
      faultTexts: faults.texts,
      past: readPast(file, { plan, flags }),
      signal: interrupted.signal,
    });
    dropLine();
    if (flags.json) writeAnswer("simulate", simulation);
    else writeLines(process.stdout, renderSimulation(simulation, { ...lookOf(process.stdout), assumedMs: ASSUMED_MS }));
    return 0;
  } finally {
    stops.close();
  }
}

/** The rules of `--faults` are read before a project is asked for its pipelines: that takes seconds. */
async function readUsage(file: string, flags: SimulateFlags) {
  let faults: FaultScript = { rules: [], texts: [] };
  const { value, warnings } = await readPrepared(file, flags, (definition, options) => {
    const expanded = expandRuns(definition, process.env);
    if (expanded.ok) faults = readFaults(flags.faults ?? [], expanded.value);
    return preparePlan(definition, options);
  });
  return { plan: value, faults, warnings };
}

function readPast(file: string, { plan, flags }: { plan: Plan; flags: SimulateFlags }) {
  const source = lookForRegistry({ registry: flags.registry, environment: process.env, from: folderOf(file) });
  try {
    return readPastDurations(source.open(), plan);
  } finally {
    source.close();
  }
}
