import { pathToFileURL } from "node:url";
import { accept, type Checked, type Location, problemAt } from "../../core/error/problem.ts";
import { escapePattern } from "../../core/text/escape-pattern.ts";
import type { KeyPath } from "../definition.ts";
import type { Imported } from "./import-module.ts";
import { createLocator, type Locate, type Source } from "./source.ts";

const EXPORT_HINT = "write `export default defineWorkflow({ runs: { ... } })`";

interface ModuleText {
  text: string;
  /** Name of the file in problems. */
  file: string;
  /** Absolute. */
  path: string;
}

/** A module's default export, located in its text as well as that can be done without running it again. */
export function readModule({ text, file, path }: ModuleText, imported: Imported): Checked<Source> {
  const locateOffset = createLocator(file, text);
  if (!imported.ok) {
    const location = findThrown(imported.error, path, file) ?? locateOffset(findSpecifier(imported.error, text));
    const hint = "fix the file; `node` reports the same error";
    return reject(location, "import-failed", `the module can't be imported: ${describeError(imported.error)}`, hint);
  }
  if (imported.value === undefined || imported.value === null) {
    return reject(locateOffset(0), "no-default-export", "the module exports no workflow by default", EXPORT_HINT);
  }
  return accept({ value: imported.value, locate: createModulePlaces(text, locateOffset), problems: [] });
}

function reject(location: Location, code: string, message: string, hint: string): Checked<Source> {
  return { ok: false, problems: [problemAt(location, code, message, hint)] };
}

function describeError(error: unknown): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return (message.split("\n").find((line) => line.trim() !== "") ?? message).trim().slice(0, 300);
}

/** Node puts `file:line` and a caret before the stack of a syntax error, and `file:line:column` into that of any other. */
function findThrown(error: unknown, path: string, file: string): Location | null {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const name of [pathToFileURL(path).href, path]) {
    const at = stack.indexOf(name);
    const [, line, column] = at === -1 ? [] : (/^[^:\s]*:(\d+)(?::(\d+))?/.exec(stack.slice(at + name.length)) ?? []);
    if (line !== undefined) return { file, line: Number(line), column: Number(column ?? findCaret(stack.slice(at))) };
  }
  return null;
}

function findCaret(frame: string): number {
  const caret = /^\s*\^+/m.exec(frame.split("\n").slice(1, 4).join("\n"))?.[0];
  return caret === undefined ? 1 : caret.replace(/^\n/, "").indexOf("^") + 1;
}

/** Finds the place where a missing module is named. */
function findSpecifier(error: unknown, text: string): number {
  const name = error instanceof Error ? /Cannot find (?:package|module) '([^']+)'/.exec(error.message)?.[1] : undefined;
  if (name === undefined) return 0;
  const written = [name, name.slice(name.lastIndexOf("/") + 1)].map((part) => text.indexOf(part));
  return Math.max(0, written.find((at) => at !== -1) ?? 0);
}

/** Looks for the keys of a path one after the other. What is computed stands where its nearest written key does. */
function createModulePlaces(text: string, locateOffset: (offset: number) => Location): Locate {
  return (path) => locateOffset(findKeys(text, path));
}

function findKeys(text: string, path: KeyPath): number {
  let found = 0;
  let from = 0;
  for (const step of path) {
    if (typeof step === "number") continue;
    const key = new RegExp(`(?<![\\w$.-])(["'\`]?)${escapePattern(step)}\\1\\s*(?=[:,}])`, "g");
    key.lastIndex = from;
    const match = key.exec(text);
    if (match === null) break;
    found = match.index;
    from = key.lastIndex;
  }
  return found;
}
