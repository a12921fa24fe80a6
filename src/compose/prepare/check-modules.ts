import { type Problem, problemAt } from "../../core/error/problem.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { gatherFindings } from "../../plan/findings.ts";
import type { ExpandedRun } from "../../plan/plan.ts";
import { kindOf } from "../../runners/task-kinds.ts";

/**
 * Finds modules that could not be imported, as the file or package is missing: `invalid-module`, once per run and file.
 */
export function checkModules(definition: WorkflowDefinition, runs: readonly ExpandedRun[]): Problem[] {
  const findings = gatherFindings();
  for (const { run, task, definition: declared } of runs) {
    if (task.kind !== "module") continue;
    const { module } = task;
    const fault = kindOf(task).findFault(task, {});
    if (fault === null) continue;
    findings.add([declared.name, module.path], () =>
      problemAt(
        definition.locate(["runs", declared.name, "module"]),
        "invalid-module",
        `${run}: ${fault.what}`,
        fault.hint,
      ),
    );
  }
  return findings.list();
}
