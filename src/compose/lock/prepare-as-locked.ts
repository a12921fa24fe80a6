import { type Checked, type Problem, problemAt } from "../../core/error/problem.ts";
import { RefusalError } from "../../core/error/refusal-error.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import type { Plan } from "../../plan/plan.ts";
import { describeDrift } from "../../resolve/lock/compare-locks.ts";
import type { Drift, Lock } from "../../resolve/lock/lock.ts";
import type { PrepareOptions } from "../prepare/prepare-plan.ts";
import { LockFileError, lockPath, readLock } from "./lock-file.ts";
import { prepareLocked } from "./prepare-locked.ts";

/** Something of a workflow is not as its lock file has it: `problems` are all differences. */
export class LockDriftedError extends RefusalError<"lock-drifted"> {
  override readonly problems: readonly Problem[];

  constructor(message: string, hint: string, problems: readonly Problem[]) {
    super("lock-drifted", message, hint);
    this.problems = problems;
  }
}

/** The lock of a workflow file. Throws LockFileError, with the command that writes it. */
export function readLockOf(workflowFile: string): Lock {
  try {
    return readLock(lockPath(workflowFile));
  } catch (error) {
    if (!(error instanceof LockFileError)) throw error;
    const { code, message } = error;
    const update = code === "no-lock" ? "` writes it" : " --update` writes it again";
    throw new LockFileError(code, message, `\`runweave lock ${workflowFile}${update}`);
  }
}

/** Exactly the plan that is locked of a workflow file. Throws LockFileError, LockDriftedError. */
export async function prepareAsLocked(
  file: string,
  definition: WorkflowDefinition,
  options: PrepareOptions,
): Promise<Checked<Plan>> {
  const checked = await prepareLocked(definition, { ...options, locked: readLockOf(file) });
  if (!checked.ok) return checked;
  const { plan, drifts } = checked.value;
  const [first] = drifts;
  if (first === undefined) return { ...checked, value: plan };
  const hint = `\`runweave lock ${file}\` takes it as it is now`;
  const problems = drifts.map((drift, at) => toProblem(drift, definition, at === 0 ? hint : null));
  throw new LockDriftedError(`${file} is not as ${lockPath(file)} has it: ${describeDrift(first)}`, hint, problems);
}

function toProblem(drift: Drift, definition: WorkflowDefinition, hint: string | null): Problem {
  const { part, key, runs } = drift;
  const [name = ""] = (runs[0] ?? key.replace(/^runs\./, "")).split("[");
  const isOfFile = part === "workflow" || part === "task";
  const location = isOfFile ? definition.locate(["runs", name]) : null;
  return problemAt(location, `drift-${part}`, describeDrift(drift), hint);
}
