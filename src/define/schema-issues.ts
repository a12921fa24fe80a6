import type { z } from "zod";
import { didYouMean } from "../core/text/suggest.ts";
import type { KeyPath } from "./definition.ts";
import { atKey, atValue, type Finding, type Hint } from "./finding.ts";

type Issue = z.core.$ZodIssue;

/** Tells if a mapping of the file has a key. */
export type IsPresent = (key: string) => boolean;

/** Kind of a part of the file, for its messages. */
export interface PartKind {
  /** `a run with a pipeline` */
  title: string;
  /** The keys that a mapping inside the part may have, by those that it has. */
  keysAt(path: KeyPath, isPresent: IsPresent): readonly string[];
  /** A better hint for a key that is unknown here: it is known elsewhere, or goes by another name. */
  hintForKey(path: KeyPath, key: string, isPresent: IsPresent): string | null;
  /** Hint by the value of a key that is not known; null if it says nothing. */
  hintForValue(key: string, value: unknown): string | null;
}

/** A part of the file that is checked against a schema. */
export interface CheckedPart {
  kind: PartKind;
  path: KeyPath;
  value: unknown;
}

/** A part without what was wrong in it, so that the rest can be checked too. */
export interface ReadPart<T> {
  data: T;
  /** Fields that are missing because they were wrong. */
  dropped: ReadonlySet<string>;
}

const NOTHING: ReadonlySet<string> = new Set();

/** Checks a mapping of the file. What zod finds is told in the words and with the places of the file. Null for no mapping. */
export function checkPart<T>(schema: z.ZodType<T>, part: CheckedPart, findings: Finding[]): ReadPart<T> | null {
  const checked = schema.safeParse(part.value);
  if (checked.success) return { data: checked.data, dropped: NOTHING };
  const { issues } = checked.error;
  for (const issue of issues) findings.push(...describeIssue(issue, part));
  const dropped = new Set(issues.flatMap(listWrongFields));
  const kept = Object.entries(part.value ?? {}).filter(([key]) => !dropped.has(key));
  const rest = schema.safeParse(Object.fromEntries(kept));
  return rest.success && typeof part.value === "object" ? { data: rest.data, dropped } : null;
}

function listWrongFields(issue: Issue): string[] {
  if (issue.path.length > 0) return [String(issue.path[0])];
  return issue.code === "unrecognized_keys" ? issue.keys : [];
}

function describeIssue(issue: Issue, part: CheckedPart): Finding[] {
  const inside = issue.path as KeyPath;
  const path = [...part.path, ...inside];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => describeUnknownKey(inside, key, part));
    case "invalid_union":
      return describeUnion(issue, part);
    case "invalid_type":
      return [describeType(inside, [issue.expected], part)];
    case "invalid_value": {
      const allowed = issue.values.map(String);
      const found = valueAt(part.value, inside);
      const hint = typeof found === "string" ? didYouMean(found, allowed) : null;
      return [atValue(path, "invalid-value", `${nameOf(path)} is one of ${allowed.join(", ")}`, hint)];
    }
    case "too_small":
      return [atValue(path, "invalid-value", describeTooSmall(issue, path))];
    case "too_big":
      return [atValue(path, "invalid-value", `${nameOf(path)} is too long`)];
    case "invalid_key":
      return [atKey(path, "invalid-name", "a key is empty", "give it a name")];
    default:
      return [atValue(path, "wrong-type", `${nameOf(path)}: ${issue.message}`)];
  }
}

function describeUnknownKey(inside: KeyPath, key: string, part: CheckedPart): Finding {
  // A list of the keys would be made once per key that is unknown.
  const holder = (valueAt(part.value, inside) ?? {}) as Record<string, unknown>;
  const isPresent: IsPresent = (other) => Object.hasOwn(holder, other);
  const known = part.kind.keysAt(inside, isPresent);
  const where = inside.length === 0 ? part.kind.title : `\`${inside.join(".")}\``;
  const hint: Hint = () =>
    part.kind.hintForValue(key, holder[key]) ??
    part.kind.hintForKey(inside, key, isPresent) ??
    didYouMean(key, known) ??
    (known.length > 0 ? `known keys: ${known.join(", ")}` : null);
  return atKey([...part.path, ...inside, key], "unknown-key", `unknown key "${key}" in ${where}`, hint);
}

/** Speaks of the form that was meant: of those that the value has the type of, the one that the least is wrong with. */
function describeUnion(issue: Extract<Issue, { code: "invalid_union" }>, part: CheckedPart): Finding[] {
  const inside = issue.path as KeyPath;
  const isOfOtherType = (branch: readonly Issue[]): boolean =>
    branch.some((inner) => inner.code === "invalid_type" && inner.path.length === 0);
  const likely = issue.errors.filter((branch) => !isOfOtherType(branch));
  const [meant] = likely.sort((a, b) => a.length - b.length);
  if (meant !== undefined) {
    return meant.flatMap((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, part));
  }
  const expected = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => ("expected" in inner ? [inner.expected] : [])),
  );
  return [describeType(inside, expected, part)];
}

function describeType(inside: KeyPath, expected: readonly string[], part: CheckedPart): Finding {
  const path = [...part.path, ...inside];
  const found = valueAt(part.value, inside);
  const wanted = expected.map(nameType).join(" or ");
  if (found === undefined) {
    return atKey(path.slice(0, -1), "missing-key", `"${nameOf(path)}" is missing`, `add it: ${wanted}`);
  }
  const code = inside[0] === "matrix" ? "invalid-matrix" : "wrong-type";
  return atValue(
    path,
    code,
    `${nameOf(path)} must be ${wanted}, not ${describeValue(found)}`,
    hintForType(found, expected),
  );
}

/** Name of a type as the author of the file would call it. */
export function nameType(expected: string): string {
  switch (expected) {
    case "string":
      return "a string";
    case "number":
      return "a number";
    case "int":
      return "a whole number";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
    case "record":
      return "a mapping";
    default:
      return expected;
  }
}

/** A value in a message, cut short. */
export function describeValue(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function hintForType(found: unknown, expected: readonly string[]): string | null {
  const isScalar = typeof found === "string" || typeof found === "number" || typeof found === "boolean";
  if (!isScalar) return null;
  if (expected.includes("string")) return `quote it: ${JSON.stringify(String(found))}`;
  return expected.includes("array") && String(found).length < 40 ? `write [${found}]` : null;
}

function describeTooSmall({ origin, minimum }: { origin: string; minimum: unknown }, path: KeyPath): string {
  switch (origin) {
    case "array":
      return `${nameOf(path)} is an empty list`;
    case "string":
      return `${nameOf(path)} is an empty string`;
    default:
      return `${nameOf(path)} must ${minimum === 0 ? "not be below zero" : "be over zero"}`;
  }
}

/** The last key of a path, with its index in a list: `needs[0]`. */
export function nameOf(path: KeyPath): string {
  const last = path.at(-1);
  if (last === undefined) return "the workflow";
  return typeof last === "number" ? `${nameOf(path.slice(0, -1))}[${last}]` : last;
}

function valueAt(value: unknown, path: KeyPath): unknown {
  let found = value;
  for (const step of path) {
    if (found === null || typeof found !== "object" || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}
