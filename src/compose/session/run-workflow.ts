import type { Checked } from "../../core/error/problem.ts";
import type { RunFailure } from "../../core/error/run-failure.ts";
import type { RunEvent } from "../../core/event/event.ts";
import type { SessionRecord } from "../../core/run.ts";
import type { Workflow } from "../../define/define-workflow.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { loadWorkflow } from "../../define/load.ts";
import { parseWorkflow } from "../../define/parse.ts";
import type { Plan } from "../../plan/plan.ts";
import { beginCapture } from "../capture/capture-origin.ts";
import { explainFailures } from "../failures/explain-failures.ts";
import { MultirunError } from "../failures/multirun-error.ts";
import { locateState } from "../locate-state.ts";
import { openProbe } from "../prepare/open-probe.ts";
import { preparePlan } from "../prepare/prepare-plan.ts";
import { lookForRegistry } from "../registry-source.ts";
import { valueOrThrow } from "../workflow-error.ts";
import { emitWarnings, openWorkspace } from "../workspace.ts";
import { createEventStream } from "./event-stream.ts";
import { runSession } from "./run-session.ts";

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
  /** As `result`, but rejects with MultirunError unless the session succeeded. */
  orThrow(): Promise<SessionRecord>;
}

/** Plans a workflow, or a workflow file, without running it. Throws WorkflowError with every problem. */
export async function planWorkflow(
  workflow: Workflow | string,
  { registry }: Pick<RunWorkflowOptions, "registry"> = {},
): Promise<Plan> {
  const definition = valueOrThrow(await readDefinition(workflow));
  const place = { registry, environment: process.env, from: definition.dir };
  const { probe, close } = openProbe(locateState(place));
  const earlier = lookForRegistry(place);
  try {
    return valueOrThrow(await preparePlan(definition, { environment: process.env, probe, registry: earlier }));
  } finally {
    earlier.close();
    await close();
  }
}

/**
 * Runs a workflow, or a workflow file, as one session. A failed run does not reject `result`, which is the session's record
 * either way; WorkflowError and EnvironmentError do.
 */
export function runWorkflow(workflow: Workflow | string, options: RunWorkflowOptions = {}): WorkflowRun {
  const stream = createEventStream();
  const ended = execute(workflow, options, stream.push);
  const result = ended.then(({ record }) => record);
  // Whoever only iterates learns of a failure there.
  result.then(stream.end, stream.fail);
  const orThrow = async () => {
    const { record, failures } = await ended;
    if (record.status !== "success") throw new MultirunError(record, failures);
    return record;
  };
  return { result, orThrow, [Symbol.asyncIterator]: stream.iterate };
}

interface Ended {
  record: SessionRecord;
  failures: RunFailure[];
}

async function execute(
  workflow: Workflow | string,
  options: RunWorkflowOptions,
  onEvent: (event: RunEvent) => void,
): Promise<Ended> {
  const definition = valueOrThrow(await readDefinition(workflow));
  const { registry, maxParallel, signal } = options;
  const workspace = openWorkspace({ registry, from: definition.dir, store: definition.store });
  emitWarnings(workspace);
  try {
    const { probe, earlier, folders } = workspace;
    const capture = beginCapture(definition.project ?? definition.dir, folders.root);
    const plan = valueOrThrow(await preparePlan(definition, { environment: process.env, probe, registry: earlier }));
    const session = await runSession({
      workspace,
      plan,
      code: capture.finish(plan.written),
      reporters: [{ onEvent }],
      maxParallel: maxParallel ?? null,
      commandLine: process.argv.slice(1),
      ...(signal === undefined ? {} : { interrupt: signal }),
    });
    const { record } = session;
    return { record, failures: explainFailures(workspace.registry, { session: record, state: folders }) };
  } finally {
    await workspace.close();
  }
}

function readDefinition(
  workflow: Workflow | string,
): Promise<Checked<WorkflowDefinition>> | Checked<WorkflowDefinition> {
  if (typeof workflow === "string") return loadWorkflow(workflow);
  return parseWorkflow(workflow, { file: null, dir: process.cwd(), locate: () => null });
}
