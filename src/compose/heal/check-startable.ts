import { existsSync, statSync } from "node:fs";
import { problemAt, type RunsProblem } from "../../core/error/problem.ts";
import type { CommandTask } from "../../core/port/runner.ts";
import { fillVariables, UnsetVariableError } from "../../core/variables.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { CommandProblem, findProgram } from "../../processes/find-program.ts";
import { checkModule } from "../../runners/module/check-module.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds missing folders, programs and declared sources, without which runs can't be executed again on this machine.
 * `run-gone`.
 */
export function checkStartable(runs: readonly PlannedRun[], environment: Environment): RunsProblem[] {
  return runs.flatMap(({ run, task, definition }) => {
    const sources = definition.kind === "command" ? definition.sources : [];
    const fault = task.kind === "command" ? findFault(task, sources, environment) : findMissing(task.project_path);
    if (fault === null) return [];
    return [{ runs: [run], problem: problemAt(null, "run-gone", `${run} can't be executed again: ${fault}`, HINT) }];
  });
}

const HINT = "put it back, or replace what it saved: --with DATASET@RUN=RUN_ID";

function findFault(
  { argv: [program = ""], shell, cwd, environment, module }: CommandTask,
  sources: readonly string[],
  outside: Environment,
): string | null {
  try {
    const whole = { ...outside, ...environment };
    if (module !== undefined) checkModule(module.path);
    else findProgram({ program: shell ? "sh" : fillVariables(program, outside), cwd, environment: whole });
  } catch (error) {
    if (error instanceof CommandProblem || error instanceof UnsetVariableError) return error.message;
    throw error;
  }
  const gone = sources.find((source) => !/[*?[{]/.test(source) && !existsSync(source));
  return gone === undefined ? null : `its source ${gone} is gone`;
}

function findMissing(folder: string): string | null {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? null : `there is no folder ${folder}`;
}
