import { acceptUnless, type Problem } from "../../core/error/problem.ts";
import type { RunEvent } from "../../core/event/event.ts";
import type { CacheMode } from "../../core/fingerprint.ts";
import { OBSERVE_VARIABLE } from "../../core/port/cold-runs.ts";
import type { OnFailure, SessionRecord } from "../../core/run.ts";
import type { WorkflowSource } from "../../define/define-workflow.ts";
import { refuseUnknown } from "../../plan/expand/find-target.ts";
import type { Plan } from "../../plan/plan.ts";
import { beginCapture, type CodeCapture } from "../capture/capture-origin.ts";
import { locateFailures } from "../failures/locate-failures.ts";
import { MultirunError } from "../failures/multirun-error.ts";
import { prepareAsLocked } from "../lock/prepare-as-locked.ts";
import { chooseRuns } from "../prepare/choose-runs.ts";
import { narrowPlan, refuseName } from "../prepare/narrow-plan.ts";
import { preparePlan } from "../prepare/prepare-plan.ts";
import { createEventStream } from "../session/event-stream.ts";
import { runSession } from "../session/run-session.ts";
import type { EndedSession } from "../session/session-result.ts";
import { valueOrThrow } from "../workflow-error.ts";
import { chooseParallelism, type Workspace } from "../workspace.ts";
import { askingStep } from "./asking-step.ts";
import { type ActionContext, during, type StateAddress, warn } from "./context.ts";
import type { ChosenWorkflow } from "./plan-workflow.ts";
import { type ReadWorkflow, readWorkflow } from "./planning.ts";
import { leadSession, withWorkspace } from "./session.ts";

/** A workflow to be run as one session. */
export interface RunRequest extends ChosenWorkflow {
  /** Name of a run to execute alone, on the versions that its upstream runs saved in an earlier session. */
  only?: string | undefined;
  /** Earlier session of `only`. Default: the newest that has everything. */
  from?: string | undefined;
  /** Reuse of earlier results. Default: as the workflow says. */
  cache?: CacheMode | undefined;
  /** Runs that are executed instead of reused; true for all. */
  fresh?: readonly string[] | true | undefined;
  /** True to run only if the workflow is exactly as in the lock file: else throws LockFileError, LockDriftedError. */
  locked?: boolean | undefined;
  /** True if Kedro runs are to note what they find in their processes, for `verifyWarm`: all are executed. */
  observe?: boolean | undefined;
  maxParallel?: number | undefined;
  onFailure?: OnFailure | undefined;
}

/** A session of a workflow that has ended. */
export interface EndedRun extends EndedSession {
  plan: Plan;
  /** Failures that a line of the workflow file has caused. */
  problems: Problem[];
}

/**
 * Runs a workflow as one session. A failed run does not reject the promise: the session's record has it. Throws WorkflowError
 * with every problem of the workflow, EnvironmentError if a project can't be asked, RegistryError, InterruptedError.
 */
export async function executeWorkflow(
  address: StateAddress,
  request: RunRequest,
  context: ActionContext = {},
): Promise<EndedRun> {
  const read = await readWorkflow(request.workflow);
  warn(context, read.warnings, "plan");
  const { definition } = read;
  const { dir, project, store } = definition;
  await refuseNames(read, request);
  let capture: CodeCapture | undefined;
  // Git runs while the registry is opened and the plan is made; not earlier, as git has to see that the state folder is ignored.
  const onState = ({ root }: { root: string }) => {
    capture = beginCapture(project ?? dir, { root, capture: definition.capture });
  };
  const place = { ...address, from: address.from ?? dir };
  const environment = request.observe ? { ...process.env, [OBSERVE_VARIABLE]: "1" } : process.env;
  const needs = { store, environment, asksAnew: request.probe, onState };
  return await withWorkspace(place, needs, context, async (workspace) => {
    workspace.phases.enter("plan");
    const plan = await planRequest(read, { request, workspace, context });
    const maxParallel = chooseParallelism(plan, request.maxParallel);
    const ended = await leadSession(context, { plan, maxParallel, workspace }, (led) =>
      runSession({
        ...led,
        plan: { ...plan, onFailure: request.onFailure ?? plan.onFailure },
        code: (capture as CodeCapture).finish(plan.written),
      }),
    );
    return { ...ended, plan, problems: locateFailures(ended.record, definition) };
  });
}

async function planRequest(
  { definition, subject }: ReadWorkflow,
  { request, workspace, context }: { request: RunRequest; workspace: Workspace; context: ActionContext },
): Promise<Plan> {
  const { runs, set, cache, fresh, locked, only, from, observe } = request;
  const options = {
    environment: process.env,
    probe: workspace.probe,
    registry: workspace.earlier,
    choice: { names: runs, settings: set },
    // A reused run is not executed, and so can't be observed.
    cache: { mode: cache, fresh: observe || fresh },
  };
  const preparing = locked ? prepareAsLocked(subject ?? "", definition, options) : preparePlan(definition, options);
  const checked = await during(context, askingStep(definition.runs), preparing);
  const whole = valueOrThrow(checked, subject);
  const narrowed = only === undefined ? null : await narrowPlan(whole, { only, from, registry: workspace.earlier });
  const plan = narrowed === null ? whole : valueOrThrow(narrowed, subject);
  if (checked.ok) warn(context, checked.warnings, "plan");
  return plan;
}

/**
 * Refuses names that no run has, before a project is asked for its pipelines, which takes seconds. With a wrong name in `fresh`, the
 * run that was meant would be reused without a word.
 */
async function refuseNames(
  { definition, subject }: ReadWorkflow,
  { runs: names, set, only, fresh }: RunRequest,
): Promise<void> {
  const chosen = await chooseRuns(definition, { names, settings: set, environment: process.env });
  const { runs } = valueOrThrow(chosen, subject);
  const unknown = Array.isArray(fresh) ? refuseUnknown(runs, fresh, "the plan") : [];
  const alone = only === undefined ? [] : refuseName(runs, only);
  valueOrThrow(acceptUnless([...alone, ...unknown], runs), subject);
}

export interface RunWorkflowOptions {
  /** The state folder; default: the nearest `.runweave/`. */
  registry?: string;
  maxParallel?: number;
  /** Starts no more runs and asks those under way to stop. */
  signal?: AbortSignal;
}

/** A workflow under way: iterate over it for its events, await `result` for its record. */
export interface WorkflowRun extends AsyncIterable<RunEvent> {
  readonly result: Promise<SessionRecord>;
  /** Resolves like `result`, but rejects with MultirunError unless the session succeeded. */
  orThrow(): Promise<SessionRecord>;
}

/**
 * Runs a workflow, or a workflow file, as one session, and streams its events. A failed run does not reject `result`, which is the
 * session's record either way; WorkflowError and EnvironmentError do.
 */
export function runWorkflow(workflow: WorkflowSource, options: RunWorkflowOptions = {}): WorkflowRun {
  const { registry, maxParallel, signal } = options;
  const stream = createEventStream();
  const stop = new AbortController();
  // The signal is connected only when the session exists, so that the record has the cancellation.
  const reporters = () => {
    if (signal?.aborted) stop.abort(signal.reason);
    signal?.addEventListener("abort", () => stop.abort(signal.reason), { once: true });
    return [{ onEvent: stream.push }];
  };
  const ended = executeWorkflow({ registry }, { workflow, maxParallel }, { reporters, interrupt: stop.signal });
  const result = ended.then(({ record }) => record);
  // A caller that only iterates gets a failure from the iteration.
  result.then(stream.end, stream.fail);
  const orThrow = async () => {
    const { record, failures } = await ended;
    if (record.status !== "success") throw new MultirunError(record, failures);
    return record;
  };
  return { result, orThrow, [Symbol.asyncIterator]: stream.iterate };
}
