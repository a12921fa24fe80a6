import { readFileSync, statSync } from "node:fs";
import type { FaultRule } from "../../core/answer/fault.ts";
import type { Simulation } from "../../core/answer/simulation.ts";
import { RefusalError } from "../../core/error/refusal-error.ts";
import type { OnFailure } from "../../core/run.ts";
import type { WorkflowSource } from "../../define/define-workflow.ts";
import { splitFaultScript } from "../../define/faults/fault-tokens.ts";
import { parseFaults } from "../../define/faults/parse-faults.ts";
import { expandRuns } from "../../plan/expand/expand.ts";
import { type DeclaredName, groupByName } from "../../plan/expand/find-target.ts";
import { preparePlan } from "../prepare/prepare-plan.ts";
import { readPastDurations } from "../simulate/past-durations.ts";
import { simulatePlan } from "../simulate/simulate-plan.ts";
import { valueOrThrow } from "../workflow-error.ts";
import { chooseParallelism } from "../workspace.ts";
import { type ActionContext, during, type StateAddress, warn } from "./context.ts";
import { prepareFrom } from "./planning.ts";

/** A workflow whose session is simulated. */
export interface SimulateRequest {
  workflow: WorkflowSource;
  /** Seed of the random numbers: the same seed gives the same sessions. Default: `1`. */
  seed?: string | undefined;
  /** Number of simulated sessions. Default: up to 200. */
  trials?: number | undefined;
  /** Rules, or files with rules. */
  faults?: readonly string[] | undefined;
  maxParallel?: number | undefined;
  onFailure?: OnFailure | undefined;
}

/**
 * Simulates sessions of a workflow: when they would end, and each run's status under faults. No run is started. Throws
 * WorkflowError, also for rules that can't be read; RefusalError for a file of rules that can't; and as
 * `prepareWorkflow`.
 */
export async function simulateWorkflow(
  address: StateAddress,
  request: SimulateRequest,
  context: ActionContext = {},
): Promise<Simulation> {
  const { seed = "1", trials = null, maxParallel, onFailure } = request;
  const { value, warnings } = await prepareFrom(address, request, context, async (definition, options) => {
    // The rules are read first, as asking a project for its pipelines takes seconds.
    const expanded = expandRuns(definition, process.env);
    const faults = expanded.ok ? readFaults(request.faults ?? [], expanded.value) : NO_FAULTS;
    const checked = await preparePlan(definition, options);
    if (!checked.ok) return checked;
    const past = readPastDurations(options.registry.open(), checked.value);
    return { ...checked, value: { plan: checked.value, faults, past } };
  });
  warn(context, warnings, "plan");
  const { faults, past } = value;
  const plan = { ...value.plan, onFailure: onFailure ?? value.plan.onFailure };
  const simulating = simulatePlan({
    ...{ plan, seed, trials, past },
    maxParallel: chooseParallelism(plan, maxParallel),
    faults: faults.rules,
    faultTexts: faults.texts,
    ...(context.interrupt === undefined ? {} : { signal: context.interrupt }),
  });
  return await during(context, "simulating", simulating);
}

const MAX_BYTES = 1024 * 1024;

interface FaultScript {
  rules: FaultRule[];
  /** Rules as they were written, one each. */
  texts: string[];
}

const NO_FAULTS: FaultScript = { rules: [], texts: [] };

/** Reads the rules of each text, which is a file or the rules themselves. Throws WorkflowError with every problem. */
function readFaults(given: readonly string[], declared: readonly DeclaredName[]): FaultScript {
  const runs = new Map([...groupByName(declared)].map(([name, arms]) => [name, arms.map(({ run }) => run)]));
  const script: FaultScript = { rules: [], texts: [] };
  for (const argument of given) {
    const { text, file } = readScript(argument);
    const rules = valueOrThrow(parseFaults(text, { file, runs }), file);
    const texts = splitFaultScript(text, file).map((line) => line.map((word) => word.text).join(" "));
    script.rules.push(...rules);
    script.texts.push(...texts);
  }
  return script;
}

/** Reads a script. An argument with a blank is no path, unless there is such a file. */
function readScript(argument: string): { text: string; file: string } {
  const found = statSync(argument, { throwIfNoEntry: false });
  if (found?.isFile()) {
    if (found.size <= MAX_BYTES) return { text: readFileSync(argument, "utf8"), file: argument };
    throw new RefusalError("file-too-large", `${argument} is over 1 MiB`, "a fault script has one rule per line");
  }
  if (/\s/.test(argument.trim())) return { text: argument, file: "--faults" };
  const hint = 'name a fault script, or write the rules: --faults "RUN fails twice"';
  throw new RefusalError("file-missing", `there is no file ${argument}`, hint);
}
