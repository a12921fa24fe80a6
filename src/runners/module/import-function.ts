import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { ModuleError } from "./module-error.ts";

type AnyFunction = (context: unknown) => unknown;

/** The default export of the module at an absolute path. Throws ModuleError if that is no function, else what the import throws. */
export async function importFunction(path: string): Promise<AnyFunction> {
  if (!existsSync(path)) throw new ModuleError("ModuleNotFound", `there is no ${path}`);
  const { default: found } = (await import(pathToFileURL(path).href)) as { default?: unknown };
  if (typeof found === "function") return found as AnyFunction;
  const what = found === undefined ? "has no default export" : `exports ${formatKind(found)} by default`;
  const hint = "write `export default defineModule(async ({ inputs, params }) => { ... })`";
  throw new ModuleError("InvalidModule", `${path} ${what}, and a run needs a function: ${hint}`);
}

function formatKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
