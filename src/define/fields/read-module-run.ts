import type { JsonObject } from "../../core/run.ts";
import type { ModuleDefinition } from "../definition.ts";
import type { ModuleRunInput } from "../schema.ts";
import { mergeParams } from "./merge-params.ts";
import { readProcessFields } from "./read-command-run.ts";
import { type RunScope, resolvePath } from "./read-common.ts";

/** A run of a module, defaults applied. Planning checks that the file exists. */
export function readModuleRun(name: string, input: ModuleRunInput, scope: RunScope): ModuleDefinition {
  const params = mergeParams(scope.defaults.params as JsonObject | undefined, input.params as JsonObject | undefined);
  return {
    kind: "module",
    name,
    ...readProcessFields(name, input, scope),
    module: { path: resolvePath(scope.dir, input.module ?? ""), params },
  };
}
