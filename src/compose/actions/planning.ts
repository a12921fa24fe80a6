import { EnvironmentError } from "../../core/error/environment-error.ts";
import { type Checked, type Problem, problemAt } from "../../core/error/problem.ts";
import type { WorkflowSource } from "../../define/define-workflow.ts";
import type { CheckedDefinition, WorkflowDefinition } from "../../define/definition.ts";
import { loadWorkflow } from "../../define/load.ts";
import { parseWorkflow } from "../../define/parse.ts";
import { locateState } from "../locate-state.ts";
import { openProbe } from "../prepare/open-probe.ts";
import { type PrepareOptions, preparePlan } from "../prepare/prepare-plan.ts";
import { lookForRegistry } from "../registry-source.ts";
import { valueOrThrow, WorkflowError } from "../workflow-error.ts";
import { askingStep } from "./asking-step.ts";
import { type ActionContext, completeAddress, during, type StateAddress } from "./context.ts";

/** A workflow that was read, and its name in messages. */
export interface ReadWorkflow {
  definition: WorkflowDefinition;
  warnings: Problem[];
  subject: string | undefined;
}

/** Reads a workflow. Throws WorkflowError with every problem of the file. */
export async function readWorkflow(workflow: WorkflowSource): Promise<ReadWorkflow> {
  const subject = typeof workflow === "string" ? workflow : undefined;
  const checked = await checkSource(workflow);
  return { definition: valueOrThrow(checked, subject, "file"), warnings: checked.ok ? checked.warnings : [], subject };
}

async function checkSource(workflow: WorkflowSource): Promise<CheckedDefinition> {
  if (typeof workflow === "string") return await loadWorkflow(workflow);
  return parseWorkflow(workflow, { file: null, dir: process.cwd(), locate: () => null, literal: "workflow" });
}

/** Product of a workflow that was made without running it. */
export interface Prepared<T> {
  value: T;
  /** Warnings about the workflow and its plan. */
  warnings: Problem[];
}

type Prepare<T> = (definition: WorkflowDefinition, options: PrepareOptions) => Promise<Checked<T>>;

/**
 * Prepares a product from a workflow, its projects and the registry; leaves no trace. Starts workers only if a run has
 * a project; `probe` asks projects again although their answers are known. Throws WorkflowError with every problem,
 * EnvironmentError if a project can't be asked, InterruptedError.
 */
export async function prepareFrom<T>(
  address: StateAddress,
  { workflow, probe: asksAnew }: { workflow: WorkflowSource; probe?: boolean | undefined },
  context: ActionContext,
  prepare: Prepare<T>,
): Promise<Prepared<T>> {
  const read = await readWorkflow(workflow);
  return await prepareRead(address, { ...read, asksAnew }, context, prepare);
}

/** Does the same for a workflow that was read. */
async function prepareRead<T>(
  address: StateAddress,
  { definition, warnings, subject, asksAnew }: ReadWorkflow & { asksAnew?: boolean | undefined },
  context: ActionContext,
  prepare: Prepare<T>,
): Promise<Prepared<T>> {
  const place = completeAddress(address, definition.dir);
  const { environment } = place;
  const projects = openProbe(locateState(place), { asksAnew });
  const registry = lookForRegistry(place);
  try {
    const preparing = prepare(definition, { environment, probe: projects.probe, registry });
    const checked = await during(context, askingStep(definition.runs), preparing);
    const value = valueOrThrow(checked, subject);
    return { value, warnings: [...warnings, ...(checked.ok ? checked.warnings : [])] };
  } finally {
    registry.close();
    await projects.close();
  }
}

/**
 * Looks for the errors of those runs of a faulty file that have no fault there: what their projects, files and versions tell, or why a
 * project can't be asked. Null for a file without such a run. Throws InterruptedError.
 */
export async function findFurther(
  address: StateAddress,
  { workflow, probe: asksAnew }: { workflow: WorkflowSource; probe?: boolean | undefined },
  context: ActionContext,
): Promise<readonly Problem[] | null> {
  const checked = await checkSource(workflow);
  if (checked.ok || checked.sound === undefined) return null;
  const read = { definition: checked.sound, warnings: [], subject: undefined, asksAnew };
  try {
    await prepareRead(address, read, context, preparePlan);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return [problemAt(null, error.code, error.message, error.hint)];
    if (!(error instanceof WorkflowError)) throw error;
    // A warning may come of what was left out.
    return error.problems.filter(({ severity }) => severity === "error");
  }
}
