import type { CommandTask } from "../../core/port/runner.ts";
import type { TaskKind } from "../../core/port/task-kind.ts";
import { fillVariables } from "../../core/variables.ts";
import { findProgram } from "../../processes/find-program.ts";
import { findFaultOf } from "../find-fault-of.ts";
import { fillPaths } from "../process/fill-paths.ts";
import type { ProcessKind } from "../process/process-kind.ts";
import { repeatProcess } from "../process/repeat-process.ts";

/** Commands: their process is any program, which is told nothing that not all runs are told. */
export const COMMAND_PROCESS: ProcessKind<CommandTask> = {
  kind: "command",
  fill: fillPaths,
  check: () => {},
  tell: () => ({}),
  describe: () => ({}),
  readException: () => ({ exception: null, fault: null }),
};

export const COMMAND_KIND: TaskKind<CommandTask> = {
  sourcesOf: () => null,
  findFault: (task, environment) => findFaultOf(() => findProgramOf(task, environment)),
  formatRepeat: (spec) => repeatProcess(spec),
};

function findProgramOf(
  { argv: [word = ""], shell, cwd, environment: own }: CommandTask,
  base: NodeJS.ProcessEnv,
): string {
  const program = shell ? "sh" : fillVariables(word, base);
  return findProgram({ program, cwd, environment: { ...base, ...own } });
}
