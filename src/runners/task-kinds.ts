import type { Task } from "../core/port/runner.ts";
import type { TaskKind, TaskKindTable } from "../core/port/task-kind.ts";
import { COMMAND_KIND } from "./command/task-kind.ts";
import { KEDRO_KIND } from "./kedro/task-kind.ts";

/** Answers that take no process, of each kind of task. */
export const TASK_KINDS: TaskKindTable = { kedro: KEDRO_KIND, command: COMMAND_KIND };

/** The row of a task whose kind is not known. */
export function kindOf<T extends Task>({ kind }: T): TaskKind<T> {
  return TASK_KINDS[kind] as TaskKind<T>;
}
