import { existsSync } from "node:fs";
import { problemAt, type RunsProblem } from "../../core/error/problem.ts";
import { isProcess } from "../../core/kinds.ts";
import type { Task } from "../../core/port/runner.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { kindOf } from "../../runners/task-kinds.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds missing folders, programs and declared sources, without which runs can't be executed again on this machine.
 * `run-gone`.
 */
export function checkStartable(runs: readonly PlannedRun[], environment: Environment): RunsProblem[] {
  return runs.flatMap(({ run, task, definition }) => {
    const sources = isProcess(definition) ? definition.sources : [];
    const fault = findFault(task, environment) ?? findGone(sources);
    if (fault === null) return [];
    return [{ runs: [run], problem: problemAt(null, "run-gone", `${run} can't be executed again: ${fault}`, HINT) }];
  });
}

const HINT = "put it back, or replace what it saved: --with DATASET@RUN=RUN_ID";

function findFault(task: Task, environment: Environment): string | null {
  const fault = kindOf(task).findFault(task, environment);
  if (fault === null) return null;
  return fault.hint === null ? fault.what : `${fault.what}; ${fault.hint}`;
}

function findGone(sources: readonly string[]): string | null {
  const gone = sources.find((source) => !/[*?[{]/.test(source) && !existsSync(source));
  return gone === undefined ? null : `its source ${gone} is gone`;
}
