import type { Checked, Problem } from "../../core/error/problem.ts";
import type { WorkflowSource } from "../../define/define-workflow.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { loadWorkflow } from "../../define/load.ts";
import { parseWorkflow } from "../../define/parse.ts";
import { locateState } from "../locate-state.ts";
import { openProbe } from "../prepare/open-probe.ts";
import type { PrepareOptions } from "../prepare/prepare-plan.ts";
import { lookForRegistry } from "../registry-source.ts";
import { valueOrThrow } from "../workflow-error.ts";
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
  const checked =
    typeof workflow === "string"
      ? await loadWorkflow(workflow)
      : parseWorkflow(workflow, { file: null, dir: process.cwd(), locate: () => null, literal: "workflow" });
  return { definition: valueOrThrow(checked, subject, "file"), warnings: checked.ok ? checked.warnings : [], subject };
}

/** Names the step of asking Kedro projects, which takes seconds; null for a plan without them. */
export function askingStep(kinds: readonly { kind: string }[]): string | null {
  return kinds.some(({ kind }) => kind === "kedro") ? "reading the project's pipelines" : null;
}

/** Product of a workflow that was made without running it. */
export interface Prepared<T> {
  value: T;
  /** Warnings about the workflow and its plan. */
  warnings: Problem[];
}

/**
 * Prepares a product from a workflow, its projects and the registry; leaves no trace. Starts workers only if a run has
 * a project; `probe` asks projects again although their answers are known. Throws WorkflowError with every problem,
 * EnvironmentError if a project can't be asked, InterruptedError.
 */
export async function prepareFrom<T>(
  address: StateAddress,
  { workflow, probe: asksAnew }: { workflow: WorkflowSource; probe?: boolean | undefined },
  context: ActionContext,
  prepare: (definition: WorkflowDefinition, options: PrepareOptions) => Promise<Checked<T>>,
): Promise<Prepared<T>> {
  const { definition, warnings, subject } = await readWorkflow(workflow);
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
