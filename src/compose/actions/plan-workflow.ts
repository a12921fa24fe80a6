import type { Problem } from "../../core/error/problem.ts";
import type { WorkflowSource } from "../../define/define-workflow.ts";
import type { Plan } from "../../plan/plan.ts";
import { preparePlan } from "../prepare/prepare-plan.ts";
import { type Looked, WorkflowError } from "../workflow-error.ts";
import type { ActionContext, StateAddress } from "./context.ts";
import { findFurther, prepareFrom } from "./planning.ts";

/** A choice among the runs of a workflow, and changes of them. */
export interface ChosenWorkflow {
  workflow: WorkflowSource;
  /** Runs, arms, or names of matrices: these, and what they need. Default: the whole workflow. */
  runs?: readonly string[] | undefined;
  /** Changed fields of runs, each as `RUN.FIELD=VALUE`. */
  set?: readonly string[] | undefined;
  /** True to ask projects again although they have not changed. */
  probe?: boolean | undefined;
}

/** A plan that was not executed yet. */
export interface ReadyPlan {
  plan: Plan;
  warnings: Problem[];
}

/**
 * Plans a workflow without running it. Throws WorkflowError with every problem, EnvironmentError if a project can't be asked,
 * InterruptedError.
 */
export async function prepareWorkflow(
  address: StateAddress,
  { runs, set, ...about }: ChosenWorkflow,
  context: ActionContext = {},
): Promise<ReadyPlan> {
  const choice = { names: runs, settings: set };
  const { value, warnings } = await prepareFrom(address, about, context, (definition, options) =>
    preparePlan(definition, { ...options, choice }),
  );
  return { plan: value, warnings };
}

/** Problems of a workflow, and how far it was searched for them. */
export interface FoundProblems {
  /** Errors, or the warnings of a workflow without any. */
  problems: readonly Problem[];
  looked: Looked;
}

/**
 * Finds all problems of a workflow that can be found at once: if its file has some, also those of the runs that have no part in these.
 * Throws EnvironmentError if a project can't be asked, InterruptedError.
 */
export async function findProblems(
  address: StateAddress,
  request: ChosenWorkflow,
  context: ActionContext = {},
): Promise<FoundProblems> {
  try {
    return { problems: (await prepareWorkflow(address, request, context)).warnings, looked: "all" };
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    const { problems, looked } = error;
    const further = looked === "file" ? await findFurther(address, request, context) : null;
    return further === null ? { problems, looked } : { problems: [...problems, ...further], looked: "sound" };
  }
}

/** Plans a workflow, or a workflow file, without running it. Throws as `prepareWorkflow`. */
export async function planWorkflow(
  workflow: WorkflowSource,
  { registry }: Pick<StateAddress, "registry"> = {},
): Promise<Plan> {
  return (await prepareWorkflow({ registry }, { workflow })).plan;
}
