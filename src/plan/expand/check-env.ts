import { problemAt } from "../../core/error/problem.ts";
import type { RunDefinition, WorkflowDefinition } from "../../define/definition.ts";
import type { Findings } from "../findings.ts";
import { locateKey } from "../locate-key.ts";

/** Kedro joins it to `conf/`, so that anything but the name of a folder would read the configuration of somewhere else. */
export function checkEnv(
  env: string | null,
  definition: RunDefinition,
  { workflow, findings }: { workflow: WorkflowDefinition; findings: Findings },
): void {
  if (env === null || isFolderName(env)) return;
  findings.add(["invalid-env", definition.name, env], () => {
    const hint = "name a folder below conf/; for another configuration folder, use `conf_source`";
    const message = `${JSON.stringify(env)} can't be an environment of Kedro`;
    return problemAt(locateKey(workflow, definition.name, ["env"]), "invalid-env", message, hint);
  });
}

function isFolderName(text: string): boolean {
  return /^[^/\\\p{Cc}\p{Cs}]{1,255}$/u.test(text) && text.trim() !== "" && text !== "." && text !== "..";
}
