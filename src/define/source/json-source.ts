import { type Checked, type Location, type Problem, problemAt } from "../../core/error/problem.ts";
import { createJsonPlaces } from "./json-places.ts";
import { createJsonTokens, type JsonTokens } from "./json-tokens.ts";
import { isInexact, problemOfDuplicate, problemOfNumber } from "./reader-problems.ts";
import { setOwn } from "./set-own.ts";
import { createLocator, MAX_DEPTH, type Source } from "./source.ts";

type Container = unknown[] | { [key: string]: unknown };

interface Frame {
  container: Container;
  /** Key of the entry being read, in a mapping. */
  key: string | null;
  /** A repeated key: its value is read and dropped. */
  dropped: boolean;
}

/** Tokens that may stand at the scanner's place. */
type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end" | "end of file";

interface Reading {
  text: string;
  tokens: JsonTokens;
  stack: Frame[];
  root: unknown;
  expected: Expected;
  locateOffset: (offset: number) => Location;
  maxDepth: number;
  problems: Problem[];
}

/** A text that can't be read any further. */
class Unreadable extends Error {
  readonly code: string;
  readonly hint: string | null;

  constructor(code: string, message: string, hint: string | null) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/**
 * Reads strict JSON without recursion. The first error of syntax ends it; of a repeated key the first value counts.
 * Parts are located by scanning again, so that no offsets are kept.
 */
export function readJson(text: string, file: string, maxDepth = MAX_DEPTH): Checked<Source> {
  const locateOffset = createLocator(file, text);
  const tokens = createJsonTokens(text);
  const place = { text, tokens, locateOffset, maxDepth };
  const reading: Reading = { ...place, stack: [], root: undefined, expected: "value", problems: [] };
  try {
    while (reading.tokens.next() !== "end") readToken(reading);
    if (reading.expected !== "end of file") refuse(reading, "the file ends too early");
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const problem = problemAt(locateOffset(tokens.start), error.code, error.message, error.hint);
    return { ok: false, problems: [...reading.problems, problem] };
  }
  const locate = createJsonPlaces(text, locateOffset);
  return { ok: true, value: { value: reading.root, locate, problems: reading.problems }, warnings: [] };
}

function readToken(reading: Reading): void {
  const { kind } = reading.tokens;
  switch (kind) {
    case "{":
      openContainer(reading, {});
      return;
    case "[":
      openContainer(reading, []);
      return;
    case "}":
    case "]":
      closeContainer(reading, kind === "]");
      return;
    case ",":
      if (reading.expected !== "comma or end") refuseToken(reading);
      reading.expected = Array.isArray(reading.stack.at(-1)?.container) ? "value" : "key";
      return;
    case ":":
      if (reading.expected !== "colon") refuseToken(reading);
      reading.expected = "value";
      return;
    case "string":
      readString(reading);
      return;
    case "literal":
      readLiteral(reading);
      return;
    case "bad":
      refuseToken(reading);
      return;
    case "end":
      return;
    default:
      kind satisfies never;
  }
}

function refuse(reading: Reading, message: string): never {
  throw new Unreadable("invalid-json", message, hintFor(tokenText(reading), reading.expected));
}

function refuseToken(reading: Reading): never {
  const token = tokenText(reading);
  if (token.startsWith('"') && reading.tokens.kind === "bad") refuse(reading, "the string does not end in its line");
  refuse(reading, `unexpected ${token.length > 20 ? `${token.slice(0, 20)}…` : token}`);
}

function hintFor(token: string, expected: Expected): string {
  if (token.startsWith("//") || token.startsWith("/*"))
    return "JSON has no comments: remove it, or write the file as YAML";
  if (token.startsWith("'")) return "strings take double quotes";
  if (expected === "end of file") return "the file continues after its last bracket";
  if (/^[}\]]/.test(token) && (expected === "key" || expected === "value")) return "remove the comma before it";
  if (expected.startsWith("key") && /^\w/.test(token)) return "keys take double quotes";
  return expected === "comma or end" ? "is a comma missing before it?" : `expected a ${expected}`;
}

function tokenText({ text, tokens }: Reading): string {
  return text.slice(tokens.start, tokens.end);
}

function readString(reading: Reading): void {
  const string = parseString(reading);
  if (reading.expected.startsWith("key")) readKey(reading, string);
  else if (reading.expected.startsWith("value")) addValue(reading, string);
  else refuseToken(reading);
}

function parseString(reading: Reading): string {
  const quoted = tokenText(reading);
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted);
  } catch {
    throw new Unreadable("invalid-json", "an invalid escape in this string", 'a backslash is written "\\\\"');
  }
}

function readLiteral(reading: Reading): void {
  if (!reading.expected.startsWith("value")) refuseToken(reading);
  const text = tokenText(reading);
  const value: unknown = JSON.parse(text);
  if (isInexact(text, value)) reading.problems.push(problemOfNumber(locateToken(reading), text));
  addValue(reading, value);
}

function readKey(reading: Reading, key: string): void {
  const frame = reading.stack.at(-1);
  if (frame === undefined) return;
  frame.key = key;
  frame.dropped = Object.hasOwn(frame.container, key);
  const isRun = reading.stack.length === 2 && reading.stack[0]?.key === "runs";
  if (frame.dropped) reading.problems.push(problemOfDuplicate(locateToken(reading), key, isRun));
  reading.expected = "colon";
}

function locateToken(reading: Reading): Location {
  return reading.locateOffset(reading.tokens.start);
}

function addValue(reading: Reading, value: unknown): void {
  const frame = reading.stack.at(-1);
  if (frame === undefined) reading.root = value;
  else if (Array.isArray(frame.container)) frame.container.push(value);
  else if (frame.key !== null && !frame.dropped) setOwn(frame.container, frame.key, value);
  reading.expected = frame === undefined ? "end of file" : "comma or end";
}

function openContainer(reading: Reading, container: Container): void {
  if (!reading.expected.startsWith("value")) refuseToken(reading);
  if (reading.stack.length === reading.maxDepth) {
    throw new Unreadable("too-deep", `more than ${reading.maxDepth} lists and mappings in one another`, null);
  }
  addValue(reading, container);
  reading.stack.push({ container, key: null, dropped: false });
  reading.expected = Array.isArray(container) ? "value or end" : "key or end";
}

function closeContainer(reading: Reading, isList: boolean): void {
  const frame = reading.stack.at(-1);
  const fits = frame !== undefined && Array.isArray(frame.container) === isList;
  if (!fits || !reading.expected.endsWith("or end")) refuseToken(reading);
  reading.stack.pop();
  reading.expected = reading.stack.length === 0 ? "end of file" : "comma or end";
}
