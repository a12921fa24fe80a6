import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { CommandTask, KedroTask, ModuleTask, ProcessFields, Task } from "../../core/port/runner.ts";

/** The checkout in which a task was planned, and the folder in which its code was rebuilt. */
export interface Move {
  from: string;
  to: string;
}

/** A path of the checkout as that of the rebuilt code; any other as it is. */
export function movePath(path: string, { from, to }: Move): string {
  if (path === from) return to;
  return path.startsWith(`${from}/`) ? `${to}${path.slice(from.length)}` : path;
}

/** A task on the rebuilt code instead of the checkout, run by the given interpreter; null for its own program. */
export function moveTask(task: Task, move: Move, python: string | null): Task {
  switch (task.kind) {
    case "kedro":
      return moveKedroTask(task, move, python);
    case "command":
      return moveCommandTask(task, move, python);
    case "module":
      return moveModuleTask(task, move);
    default:
      return task satisfies never;
  }
}

function moveKedroTask(task: KedroTask, move: Move, python: string | null): KedroTask {
  const conf_source = task.conf_source === null ? null : movePath(task.conf_source, move);
  return { ...task, project_path: movePath(task.project_path, move), conf_source, python: python ?? task.python };
}

function moveCommandTask(task: CommandTask, move: Move, python: string | null): CommandTask {
  const [program = "", ...words] = task.argv;
  const moved = task.shell ? program : (python ?? moveProgram(program, task.cwd, move));
  return { ...task, argv: [moved, ...words.map((word) => movePath(word, move))], ...moveProcess(task, move) };
}

function moveModuleTask(task: ModuleTask, move: Move): ModuleTask {
  const { module } = task;
  return { ...task, module: { ...module, path: movePath(module.path, move) }, ...moveProcess(task, move) };
}

function moveProcess({ cwd, outputs }: ProcessFields, move: Move): Pick<ProcessFields, "cwd" | "outputs"> {
  const moved = Object.entries(outputs).map(([name, { path }]) => {
    return [name, { path: path === null ? null : movePath(path, move) }];
  });
  return { cwd: movePath(cwd, move), outputs: Object.fromEntries(moved) };
}

/** A program that git does not have, such as one of a virtual environment, is that of the checkout. */
function moveProgram(program: string, cwd: string, move: Move): string {
  if (!program.includes("/")) return program;
  const own = resolve(cwd, program);
  const moved = movePath(own, move);
  return existsSync(moved) ? moved : own;
}

/** Returns a path relative to the checkout; null if it is outside of it. */
export function placeInCheckout(path: string, { from }: Move): string | null {
  return path.startsWith(`${from}/`) ? relative(from, path) : null;
}
