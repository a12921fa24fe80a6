import { beginCapture, type CodeCapture } from "../../compose/capture/capture-origin.ts";
import { locateFailures } from "../../compose/failures/locate-failures.ts";
import { chooseRuns, type RunChoice } from "../../compose/prepare/choose-runs.ts";
import { narrowPlan, refuseName } from "../../compose/prepare/narrow-plan.ts";
import { preparePlan } from "../../compose/prepare/prepare-plan.ts";
import type { SessionResult } from "../../compose/session/live-session.ts";
import { runSession } from "../../compose/session/run-session.ts";
import { verifyWarm } from "../../compose/verify/verify-warm.ts";
import { defaultParallelism, openState, type Workspace } from "../../compose/workspace.ts";
import { acceptUnless } from "../../core/error/problem.ts";
import type { CacheMode } from "../../core/fingerprint.ts";
import type { PhaseClock } from "../../core/phase-clock.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { refuseUnknown } from "../../plan/expand/find-target.ts";
import type { Plan } from "../../plan/plan.ts";
import { OBSERVE_VARIABLE } from "../../runners/kedro/workers/cold-run.ts";
import { awaitPlan } from "../await-plan.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { readFileAndRuns } from "../find/choose-workflow.ts";
import { openActing } from "../open-workspace.ts";
import { planAsLocked } from "../read-lock.ts";
import { folderOf, readWorkflow, valueOrThrow } from "../read-workflow.ts";
import { exitCodeOf, openReporters, writeEnding } from "../session-output.ts";
import { writeProblems } from "../terminal.ts";
import { type TimingFlags, timeCommand } from "../time-command.ts";
import { type Stops, watchSignals } from "../watch-signals.ts";
import { writeVerdicts } from "../write-verdicts.ts";

export interface RunFlags extends TimingFlags {
  registry?: string;
  maxParallel?: number;
  onFailure?: "fail-fast" | "continue";
  verbose?: boolean;
  set?: string[];
  only?: string;
  from?: string;
  cache?: CacheMode;
  fresh?: string[] | true;
  verifyWarm?: boolean;
  locked?: boolean;
  probe?: boolean;
}

/** `runweave run [FILE] [RUN...]`. */
export async function runWorkflowFile(words: readonly string[], flags: RunFlags): Promise<ExitCode> {
  return await timeCommand(flags, (phases) => runTimed(words, flags, phases));
}

async function runTimed(words: readonly string[], flags: RunFlags, phases: PhaseClock): Promise<ExitCode> {
  const { file, runs } = readFileAndRuns(words);
  refuseUsage(runs, flags);
  const choice = { names: runs, settings: flags.set };
  const stops = watchSignals();
  const { definition, warnings } = await readWorkflow(file);
  if (!flags.json) writeProblems(process.stderr, warnings);
  await refuseNames(definition, { file, choice, flags });
  const environment = flags.verifyWarm ? { ...process.env, [OBSERVE_VARIABLE]: "1" } : process.env;
  const { registry, probe: asksAnew } = flags;
  const place = { registry, from: folderOf(file), store: definition.store, environment, asksAnew, phases };
  phases.enter("open");
  const state = openState(place);
  // Git works while the registry is opened and the plan is made. Not before: it has to see that the state folder is ignored.
  const capture = beginCapture(definition.project ?? definition.dir, state.root);
  const workspace = openActing(place, state);
  phases.enter("plan");
  try {
    const result = await execute({ file, choice, definition, workspace, capture, flags, stops });
    if (!flags.json) writeEnding(result, workspace, phases.totalMs());
    if (!flags.json) writeProblems(process.stderr, locateFailures(result.record, definition));
    const { plan, record } = result;
    const verdicts = flags.verifyWarm ? await verifyWarm({ workspace, plan, record, environment }) : [];
    writeVerdicts(verdicts);
    return verdicts.some(({ leaks }) => leaks.length > 0) ? 1 : exitCodeOf(result, stops);
  } finally {
    await workspace.close();
    stops.close();
  }
}

interface Execution {
  file: string;
  choice: RunChoice;
  definition: WorkflowDefinition;
  workspace: Workspace;
  capture: CodeCapture;
  flags: RunFlags;
  stops: Stops;
}

async function execute({
  file,
  choice,
  definition,
  workspace,
  capture,
  flags,
  stops,
}: Execution): Promise<SessionResult & { plan: Plan }> {
  const options = {
    environment: process.env,
    probe: workspace.probe,
    registry: workspace.earlier,
    choice,
    // What is reused is not done, and shows nothing.
    cache: { mode: flags.cache, fresh: flags.verifyWarm ? true : flags.fresh },
  };
  const prepared = flags.locked ? planAsLocked(file, definition, options) : preparePlan(definition, options);
  const checked = await awaitPlan(prepared, { definition, interrupt: stops.interrupt });
  const whole = valueOrThrow(checked, file);
  const plan = await choosePlan(whole, { file, flags, workspace });
  if (checked.ok && !flags.json) writeProblems(process.stderr, checked.warnings);
  const maxParallel = flags.maxParallel ?? plan.maxParallel ?? defaultParallelism();
  const { reporters, close } = openReporters(flags, { plan, maxParallel, stops, workspace });
  try {
    const result = await runSession({
      workspace,
      plan: { ...plan, onFailure: flags.onFailure ?? plan.onFailure },
      code: capture.finish(plan.written),
      reporters,
      maxParallel,
      commandLine: process.argv.slice(2),
      interrupt: stops.interrupt,
      kill: stops.kill,
    });
    return { ...result, plan };
  } finally {
    close();
  }
}

function refuseUsage(runs: readonly string[], { only, from, locked }: RunFlags): void {
  if (from !== undefined && only === undefined)
    throw new CliError("invalid-usage", "--from says nothing without --only");
  const whole = only !== undefined ? "--only" : locked ? "--locked" : null;
  if (runs.length > 0 && whole !== null)
    throw new CliError("invalid-usage", `${whole} and the names of runs don't go together: ${runs.join(" ")}`);
}

/**
 * Names are checked before a project is asked for its pipelines, which takes seconds. One that no run has would leave unsaid that
 * what was meant by it is reused.
 */
async function refuseNames(
  definition: WorkflowDefinition,
  { file, choice, flags: { only, fresh } }: Pick<Execution, "file" | "choice" | "flags">,
): Promise<void> {
  const chosen = await chooseRuns(definition, { ...choice, environment: process.env });
  const { runs } = valueOrThrow(chosen, file);
  const unknown = Array.isArray(fresh) ? refuseUnknown(runs, fresh, "the plan") : [];
  const alone = only === undefined ? [] : refuseName(runs, only);
  valueOrThrow(acceptUnless([...alone, ...unknown], runs), file);
}

/** The whole plan, or the one run that `--only` names. */
async function choosePlan(
  plan: Plan,
  { file, flags: { only, from }, workspace }: Pick<Execution, "file" | "flags" | "workspace">,
): Promise<Plan> {
  if (only === undefined) return plan;
  return valueOrThrow(await narrowPlan(plan, { only, from, registry: workspace.earlier }), file);
}
