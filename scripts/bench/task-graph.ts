import type { WorkflowJson } from "./runweave-command.ts";

/** A command that does nothing, and what it waits for. */
export interface Task {
  readonly name: string;
  readonly needs: readonly string[];
}

/** Each task waits for the one before it. */
export function makeChain(length: number): Task[] {
  return Array.from({ length }, (_, index) => ({ name: `c${index}`, needs: index > 0 ? [`c${index - 1}`] : [] }));
}

/** All tasks wait for one, which is the first of them. */
export function makeFan(length: number, root = "root"): Task[] {
  const arms = Array.from({ length: length - 1 }, (_, index) => ({ name: `f${index}`, needs: [root] }));
  return [{ name: root, needs: [] }, ...arms];
}

/** A chain, and as many tasks that wait for its end. */
export function makeChainAndFan(length: number): Task[] {
  const chain = makeChain(Math.floor(length / 2));
  const end = chain.at(-1)?.name ?? "";
  const arms = Array.from({ length: length - chain.length }, (_, index) => ({ name: `f${index}`, needs: [end] }));
  return [...chain, ...arms];
}

/** The tasks as a workflow of commands. */
export function toWorkflow(name: string, tasks: readonly Task[], jobs: number): WorkflowJson {
  const runs = tasks.map((task) => [
    task.name,
    { command: ["/bin/true"], ...(task.needs.length > 0 ? { needs: task.needs } : {}) },
  ]);
  return { name, max_parallel: jobs, runs: Object.fromEntries(runs) };
}
