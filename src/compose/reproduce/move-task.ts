import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { CommandTask, KedroTask, Task } from "../../core/port/runner.ts";

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
    default:
      return task satisfies never;
  }
}

function moveKedroTask(task: KedroTask, move: Move, python: string | null): KedroTask {
  const conf_source = task.conf_source === null ? null : movePath(task.conf_source, move);
  return { ...task, project_path: movePath(task.project_path, move), conf_source, python: python ?? task.python };
}

function moveCommandTask(task: CommandTask, move: Move, python: string | null): CommandTask {
  const { argv, cwd, outputs, module } = task;
  const moved = Object.entries(outputs).map(([name, { path }]) => {
    return [name, { path: path === null ? null : movePath(path, move) }];
  });
  const [program = "", ...words] = argv;
  const movedProgram = task.shell ? program : (python ?? moveProgram(program, cwd, move));
  const what =
    module === undefined
      ? { argv: [movedProgram, ...words.map((word) => movePath(word, move))] }
      : { module: { ...module, path: movePath(module.path, move) } };
  return {
    ...task,
    ...what,
    cwd: movePath(cwd, move),
    outputs: Object.fromEntries(moved),
  };
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
