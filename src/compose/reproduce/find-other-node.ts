import type { ReproductionDrift } from "../../core/answer/reproduction.ts";
import type { Task } from "../../core/port/runner.ts";

/** Of a run of a module: that another Node ran it then, which is of the platform and no reason not to try. */
export function findOtherNode(task: Task, recorded: string | undefined, now: string): ReproductionDrift[] {
  if (task.kind !== "command" || task.module === undefined || recorded === undefined || recorded === now) return [];
  return [{ kind: "platform", name: "Node", before: recorded, after: now }];
}
