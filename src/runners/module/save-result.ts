import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { didYouMean } from "../../core/text/suggest.ts";
import { formatJson } from "./format-json.ts";
import { ModuleError } from "./module-error.ts";

/** Makes the folders of all outputs, so that a function can write to their paths. */
export async function makeOutputFolders(outputs: Readonly<Record<string, string>>): Promise<void> {
  for (const path of Object.values(outputs)) await mkdir(dirname(path), { recursive: true });
}

/**
 * Saves what a module's function returned, each member at the path of its output, and looks whether all outputs are there. Throws
 * ModuleError: `InvalidResult`, before anything is written; `OutputMissing`.
 */
export async function saveResult(result: unknown, outputs: Readonly<Record<string, string>>): Promise<void> {
  const saved = Object.entries(readResult(result)).map(([name, value]) => {
    return { path: findPath(name, outputs), content: encode(value, name) };
  });
  for (const { path, content } of saved) await writeFile(path, content);
  const missing = Object.entries(outputs).filter(([, path]) => !existsSync(path));
  if (missing.length === 0) return;
  const list = missing.map(([name, path]) => `"${name}" at ${path}`).join(", ");
  throw new ModuleError("OutputMissing", `the function neither returned nor wrote ${list}`);
}

function readResult(result: unknown): object {
  if (result === undefined || result === null) return {};
  const isMapping = typeof result === "object" && !Array.isArray(result) && !ArrayBuffer.isView(result);
  if (isMapping) return result;
  const hint = "return a mapping of outputs to values: `return { name: value }`";
  const what = Array.isArray(result) ? "a list" : ArrayBuffer.isView(result) ? "bytes" : `a ${typeof result}`;
  throw new ModuleError("InvalidResult", `the function returned ${what}; ${hint}`);
}

function findPath(name: string, outputs: Readonly<Record<string, string>>): string {
  const path = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
  if (path !== undefined) return path;
  const names = Object.keys(outputs);
  const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
  const hint = didYouMean(name, names) ?? `${known}; list it under \`outputs\``;
  throw new ModuleError("InvalidResult", `the function returned "${name}", which is not an output of the run: ${hint}`);
}

function encode(value: unknown, name: string): string | Uint8Array {
  return typeof value === "string" || value instanceof Uint8Array ? value : formatJson(value, name);
}
