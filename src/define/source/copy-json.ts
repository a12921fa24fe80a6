import type { Json, JsonObject } from "../../core/run.ts";
import { atKey, atValue, type Finding } from "../finding.ts";
import { MAX_DEPTH, RESERVED_KEYS } from "./source.ts";

/**
 * Returns the value of a file or a script as plain JSON: itself if it is that already, else a deep copy. Values that
 * are not JSON, and keys that JavaScript reserves, are found and left out; `undefined` is left out without a problem.
 */
export function copyJson(input: unknown, findings: Finding[]): Json {
  if (isJson(input, 0)) return input;
  return copyValue(input, { path: [], above: new Set(), findings }) ?? null;
}

/** True for JSON, which nearly every input is. The walk allocates no memory. */
function isJson(value: unknown, depth: number): value is Json {
  switch (typeof value) {
    case "boolean":
      return true;
    case "string":
      return isText(value);
    case "number":
      return Number.isFinite(value);
    case "object":
      return value === null || (depth < MAX_DEPTH && areMembersJson(value, depth + 1));
    default:
      return false;
  }
}

function areMembersJson(value: object, depth: number): boolean {
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth));
  if (!isPlain(value)) return false;
  for (const key in value) {
    if (RESERVED_KEYS.has(key) || !isText(key)) return false;
    if (!isJson((value as Record<string, unknown>)[key], depth)) return false;
  }
  return true;
}

/** No file system takes a NUL, and no database half a character. */
function isText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

function describeFault(text: string): string {
  return text.includes("\0") ? "a string contains a NUL character" : "a string contains half of a surrogate pair";
}

interface Copying {
  /** One list that grows and shrinks: a copy per value would cost more than the rest. */
  path: (string | number)[];
  /** The lists and mappings that hold the value: a script's may hold themselves. */
  above: Set<object>;
  findings: Finding[];
}

function copyValue(value: unknown, copying: Copying): Json | undefined {
  switch (typeof value) {
    case "undefined":
    case "boolean":
      return value;
    case "string":
      if (!isText(value)) copying.findings.push(atValue([...copying.path], "invalid-value", describeFault(value)));
      return value;
    case "number":
      return Number.isFinite(value) ? value : refuse(copying, String(value));
    case "object":
      return value === null ? null : copyObject(value, copying);
    default:
      return refuse(copying, `a ${typeof value}`);
  }
}

function copyObject(value: object, copying: Copying): Json {
  const { path, above, findings } = copying;
  if (above.has(value)) return refuse(copying, "a value that holds itself");
  if (path.length >= MAX_DEPTH) {
    findings.push(atValue([...path], "too-deep", `more than ${MAX_DEPTH} lists and mappings in one another`));
    return null;
  }
  if (!Array.isArray(value) && !isPlain(value)) {
    return refuse(copying, `a ${Object.prototype.toString.call(value).slice("[object ".length, -1)}`);
  }
  above.add(value);
  const copy = Array.isArray(value)
    ? value.map((item, index) => copyAt(item, index, copying) ?? null)
    : copyMapping(value, copying);
  above.delete(value);
  return copy;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function copyMapping(value: object, copying: Copying): JsonObject {
  const copy: JsonObject = {};
  const { path, findings } = copying;
  for (const [key, member] of Object.entries(value)) {
    if (RESERVED_KEYS.has(key)) {
      findings.push(atKey([...path, key], "reserved-key", `the key "${key}" is refused`, "give it another name"));
      continue;
    }
    if (!isText(key)) {
      findings.push(atKey([...path, key], "invalid-value", describeFault(key), "give it another name"));
      continue;
    }
    const copied = copyAt(member, key, copying);
    if (copied !== undefined) copy[key] = copied;
  }
  return copy;
}

function copyAt(value: unknown, step: string | number, copying: Copying): Json | undefined {
  copying.path.push(step);
  const copied = copyValue(value, copying);
  copying.path.pop();
  return copied;
}

function refuse({ path, findings }: Copying, what: string): null {
  const hint = "use strings, numbers, lists and mappings";
  findings.push(atValue([...path], "not-json", `${what} can't be part of a workflow`, hint));
  return null;
}
