import type { CommandTask } from "../../core/port/runner.ts";
import type { TaskFault, TaskKind } from "../../core/port/task-kind.ts";
import { fillVariables, UnsetVariableError } from "../../core/variables.ts";
import { CommandProblem, findProgram } from "../../processes/find-program.ts";
import { checkModule } from "../module/check-module.ts";
import { repeatCommand } from "./repeat-command.ts";

/** Commands: their process is any program. */
export const COMMAND_KIND: TaskKind<CommandTask> = {
  sourcesOf: () => null,
  findFault: (task, environment) => findFaultOf(() => checkProgram(task, environment)),
  formatRepeat: repeatCommand,
};

function checkProgram({ argv: [program = ""], shell, cwd, environment: own, module }: CommandTask, environment: Env) {
  if (module !== undefined) checkModule(module.path);
  else
    findProgram({
      program: shell ? "sh" : fillVariables(program, environment),
      cwd,
      environment: { ...environment, ...own },
    });
}

type Env = Readonly<Record<string, string | undefined>>;

/** The fault that a check throws as a CommandProblem or UnsetVariableError; null if it throws none. */
export function findFaultOf(check: () => void): TaskFault | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof CommandProblem) return error;
    if (error instanceof UnsetVariableError) return { what: error.message, hint: null };
    throw error;
  }
}
