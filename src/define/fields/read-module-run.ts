import type { JsonObject } from "../../core/run.ts";
import type { CommandDefinition } from "../definition.ts";
import type { ModuleRunInput } from "../schema.ts";
import { mergeParams } from "./merge-params.ts";
import { readProcessFields } from "./read-command-run.ts";
import { type RunScope, resolvePath } from "./read-common.ts";

/** A run of a module, defaults applied: a command without words. Whether the file is there, planning looks. */
export function readModuleRun(name: string, input: ModuleRunInput, scope: RunScope): CommandDefinition {
  const params = mergeParams(scope.defaults.params as JsonObject | undefined, input.params as JsonObject | undefined);
  return {
    kind: "command",
    name,
    ...readProcessFields(name, input, scope),
    argv: [],
    shell: false,
    module: { path: resolvePath(scope.dir, input.module ?? ""), params },
  };
}
