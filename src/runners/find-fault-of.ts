import type { TaskFault } from "../core/port/task-kind.ts";
import { UnsetVariableError } from "../core/variables.ts";
import { CommandProblem } from "../processes/find-program.ts";

/** Returns the fault that a check throws as a CommandProblem or UnsetVariableError; null if it throws none. */
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
