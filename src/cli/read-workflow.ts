import { dirname, resolve } from "node:path";
import type { Checked, Problem } from "../core/error/problem.ts";
import type { WorkflowDefinition } from "../define/definition.ts";
import { loadWorkflow } from "../define/load.ts";
import { CliError } from "./errors.ts";

/** Loads a workflow file, or throws a CliError with every problem of it. */
export async function readWorkflow(file: string): Promise<{ definition: WorkflowDefinition; warnings: Problem[] }> {
  const loaded = await loadWorkflow(file);
  return { definition: valueOrThrow(loaded, file), warnings: loaded.ok ? loaded.warnings : [] };
}

/** The value, or a CliError with every problem. */
export function valueOrThrow<T>(checked: Checked<T>, file: string): T {
  if (checked.ok) return checked.value;
  const errors = checked.problems.filter(({ severity }) => severity === "error").length;
  const message = `${file} has ${errors} ${errors === 1 ? "problem" : "problems"}`;
  throw new CliError("invalid-workflow", message, { problems: checked.problems });
}

/** Where the search for a registry begins. */
export function folderOf(file: string): string {
  return dirname(resolve(file));
}
