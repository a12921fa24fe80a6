import { LockFileError, lockPath, readLock } from "../compose/lock/lock-file.ts";
import { prepareLocked } from "../compose/lock/prepare-locked.ts";
import type { PrepareOptions } from "../compose/prepare/prepare-plan.ts";
import type { Drift, Lock } from "../core/answer/lock.ts";
import { type Checked, type Problem, problemAt } from "../core/error/problem.ts";
import type { WorkflowDefinition } from "../define/definition.ts";
import type { Plan } from "../plan/plan.ts";
import { describeDrift } from "../resolve/compare-locks.ts";
import { CliError } from "./errors.ts";
import { showPath } from "./show-path.ts";

/** What is locked of a workflow file, or a CliError that says what to do. */
export function readLockOf(file: string): Lock {
  try {
    return readLock(lockPath(file));
  } catch (error) {
    if (!(error instanceof LockFileError)) throw error;
    const isMissing = error.code === "no-lock";
    const hint = isMissing
      ? `\`runweave lock ${file}\` writes it`
      : `\`runweave lock ${file} --update\` writes it again`;
    throw new CliError(error.code, error.message, { hint });
  }
}

/** Exactly the plan that is locked, or a CliError with everything that is not as it was. */
export async function planAsLocked(
  file: string,
  definition: WorkflowDefinition,
  options: PrepareOptions,
): Promise<Checked<Plan>> {
  const checked = await prepareLocked(definition, { ...options, locked: readLockOf(file) });
  if (!checked.ok) return checked;
  const { plan, drifts } = checked.value;
  if (drifts.length > 0) throw refuseDrifts(file, definition, drifts);
  return { ...checked, value: plan };
}

function refuseDrifts(file: string, definition: WorkflowDefinition, drifts: readonly Drift[]): CliError {
  const lock = showPath(lockPath(file));
  const message = `${file} is not as ${lock} has it: ${describeDrift(drifts[0] as Drift)}`;
  const hint = `\`runweave lock ${file}\` takes it as it is now`;
  return new CliError("lock-drifted", message, {
    hint,
    problems: drifts.map((drift, at) => toProblem(drift, definition, at === 0 ? hint : null)),
  });
}

function toProblem(drift: Drift, definition: WorkflowDefinition, hint: string | null): Problem {
  const { part, key, runs } = drift;
  const [name = ""] = (runs[0] ?? key.replace(/^runs\./, "")).split("[");
  const isOfFile = part === "workflow" || part === "task";
  const location = isOfFile ? definition.locate(["runs", name]) : null;
  return problemAt(location, `drift-${part}`, describeDrift(drift), hint);
}
