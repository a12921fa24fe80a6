import type { ModuleFunction } from "../core/module-function.ts";
import type { JsonObject } from "../core/run.ts";

/**
 * Declares the function of a run that is a module: `export default defineModule<{ seed: number }>(async ({ params }) => { ... })`.
 * The further arguments are the names of what it consumes and saves: `defineModule<Params, "table", "scores" | "report">`.
 */
export function defineModule<
  Params extends object = JsonObject,
  Inputs extends string = string,
  Outputs extends string = string,
>(run: ModuleFunction<Params, Inputs, Outputs>): ModuleFunction<Params, Inputs, Outputs> {
  return run;
}
