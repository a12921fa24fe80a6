import { inspect } from "node:util";
import type { ExceptionRecord } from "../../core/run.ts";
import { ModuleError } from "./module-error.ts";

const MAX_MESSAGE = 4_000;
const MAX_TRACEBACK = 16_000;
const MAX_NAME = 200;
const MAX_CAUSES = 5;

interface Telling {
  /** A URL: its frames, and those of Node's inside, are left out. */
  ownFolder: string;
  /** Takes secrets out of a text, before it is cut. */
  hide: (text: string) => string;
}

/** Describes a thrown value of any kind, as an exception on record without secrets. */
export function describeThrown(thrown: unknown, telling: Telling, depth = 0): ExceptionRecord {
  const { ownFolder } = telling;
  const cut = (text: string, length: number) => cutText(telling.hide(text), length);
  if (!(thrown instanceof Error)) {
    const message = cut(typeof thrown === "string" ? thrown : inspect(thrown), MAX_MESSAGE);
    return { type: formatType(thrown), message, node: null, traceback: null, cause: null };
  }
  const classes = listClasses(thrown).map((name) => cut(name, MAX_NAME));
  const cause = findCause(thrown);
  const stack = formatStack(thrown, ownFolder);
  return {
    type: classes[0] ?? "Error",
    classes,
    message: cut(String(thrown.message), MAX_MESSAGE),
    node: null,
    // The place of our own check is left out.
    traceback: stack === null || thrown instanceof ModuleError ? null : cut(stack, MAX_TRACEBACK),
    cause: cause === undefined || depth >= MAX_CAUSES ? null : describeThrown(cause, telling, depth + 1),
  };
}

/** Names of an error: its own, if it has one; its class and those above it; and the code by which Node tells errors apart. */
function listClasses(error: Error & { code?: unknown }): string[] {
  const names: string[] = [];
  for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const name: unknown = proto.constructor?.name;
    if (typeof name === "string" && name !== "" && name !== "Object") names.push(name);
  }
  const own = typeof error.name === "string" && error.name !== "Error" ? [error.name] : [];
  const code = typeof error.code === "string" ? [error.code] : [];
  return [...new Set([...own, ...names, ...code])];
}

/** The cause of an error; for one that stands for several, the first of them. */
function findCause(error: Error): unknown {
  if (error.cause !== undefined && error.cause !== null) return error.cause;
  return error instanceof AggregateError ? error.errors[0] : undefined;
}

function formatStack({ stack }: Error, ownFolder: string): string | null {
  if (typeof stack !== "string") return null;
  const isInside = (line: string) =>
    /^\s+at /.test(line) && (line.includes(ownFolder) || line.includes("node:internal/"));
  const lines = stack.split("\n").filter((line) => !isInside(line));
  return lines.join("\n");
}

function formatType(thrown: unknown): string {
  if (thrown === null || typeof thrown !== "object") return thrown === null ? "null" : typeof thrown;
  return thrown.constructor?.name || "Object";
}

function cutText(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}
