import type { ReproductionDrift } from "../../core/answer/reproduction.ts";
import type { Task } from "../../core/port/runner.ts";

/** Tells if another Node ran a module then. A difference of the platform is no reason to refuse a try. */
export function findOtherNode(task: Task, recorded: string | undefined, now: string): ReproductionDrift[] {
  if (task.kind !== "module" || recorded === undefined || recorded === now) return [];
  return [{ kind: "platform", name: "Node", before: recorded, after: now }];
}
