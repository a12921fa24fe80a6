import type { Task } from "../core/port/runner.ts";
import type { TaskKind, TaskKindTable } from "../core/port/task-kind.ts";
import { COMMAND_KIND } from "./command/command-kind.ts";
import { KEDRO_KIND } from "./kedro/kedro-kind.ts";
import { MODULE_KIND } from "./module/module-kind.ts";

/** Answers that take no process, of each kind of task. */
export const TASK_KINDS: TaskKindTable = { kedro: KEDRO_KIND, command: COMMAND_KIND, module: MODULE_KIND };

/** The row of a task whose kind is not known. */
export function kindOf<T extends Task>({ kind }: T): TaskKind<T> {
  return TASK_KINDS[kind] as TaskKind<T>;
}
