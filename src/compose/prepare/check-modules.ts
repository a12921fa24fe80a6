import { type Problem, problemAt } from "../../core/error/problem.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { gatherFindings } from "../../plan/findings.ts";
import type { ExpandedRun } from "../../plan/plan.ts";
import { CommandProblem } from "../../processes/find-program.ts";
import { checkModule } from "../../runners/module/check-module.ts";

/**
 * Finds modules that could not be imported, as the file or package is missing: `invalid-module`, once per run and file.
 */
export function checkModules(definition: WorkflowDefinition, runs: readonly ExpandedRun[]): Problem[] {
  const findings = gatherFindings();
  for (const { run, task, definition: declared } of runs) {
    const module = task.kind === "command" ? task.module : undefined;
    const fault = module === undefined ? null : findFault(module.path);
    if (module === undefined || fault === null) continue;
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

function findFault(path: string): CommandProblem | null {
  try {
    checkModule(path);
    return null;
  } catch (error) {
    if (error instanceof CommandProblem) return error;
    throw error;
  }
}
