import { mapTexts } from "../../core/json.ts";
import type { Json } from "../../core/run.ts";
import { escapeReferences } from "../../core/variables.ts";
import type { KeyPath } from "../../define/definition.ts";
import { formatCanonical } from "../canonical-json.ts";
import type { Arm } from "./matrix.ts";

/** Values of `${matrix.KEY}` and `${env:NAME}` in one arm. */
export interface Scope {
  arm: Arm;
  environment: Readonly<Record<string, string | undefined>>;
  /** True to keep `${env:NAME}`, if it is set, and `$${`, for the process that needs the value. */
  keepsVariables?: boolean;
  /** Called for each reference without a value; the text keeps it. */
  onMissing(reference: Reference, path: KeyPath): void;
}

export interface Reference {
  kind: "matrix" | "env";
  name: string;
}

/** A reference, or `$${`, which stands for `${` itself. */
const REFERENCE = /\$\$\{|\$\{(?:matrix\.|env:)[^{}]*\}/g;
const ONE_REFERENCE = /^\$\{(?:matrix\.|env:)[^{}]*\}$/;

/**
 * A deep copy of `value` with its references filled in: one alone keeps the type of what it stands for, inside a longer
 * string it is text. Any other `${...}` stays, keys of mappings too. `path` is where the value stands in the file.
 */
export function substituteJson(value: Json, scope: Scope, path: KeyPath): Json {
  if (typeof value === "string") return substituteString(value, scope, path);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item, index) => substituteJson(item, scope, [...path, index]));
  const members = Object.entries(value);
  return Object.fromEntries(members.map(([key, member]) => [key, substituteJson(member, scope, [...path, key])]));
}

/** Fills in references like `substituteJson`, for values that have to be text: a number becomes its digits. */
export function substituteText(text: string, scope: Scope, path: KeyPath): string {
  if (!hasReference(text)) return text;
  return text.replaceAll(REFERENCE, (source) => {
    if (source === "$${") return scope.keepsVariables ? source : "${";
    return formatText(resolveReference(source, scope, path));
  });
}

/**
 * Fills in references like `substituteText`, for a path that was made absolute against `dir`: if it began with a
 * reference, that was done before its value was known.
 */
export function fillAbsolutePath(text: string, fill: { dir: string; scope: Scope; path: KeyPath }): string {
  const { dir, scope, path } = fill;
  if (!hasReference(text)) return text;
  const prefix = dir.endsWith("/") ? dir : `${dir}/`;
  if (!text.startsWith(`${prefix}\${`)) return substituteText(text, scope, path);
  const tail = substituteText(text.slice(prefix.length), scope, path);
  return isAbsolute(tail) ? tail : prefix + tail;
}

/** True for an absolute path of any system, or a URL. */
function isAbsolute(path: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+]+:\/\/)/.test(path);
}

/** Returns a scope for texts that are shown: they keep `${env:NAME}`. */
export function hideEnvironment(scope: Scope): Scope {
  return { ...scope, environment: {}, onMissing: () => {} };
}

/** The pieces of a text: references, and what stands between them. */
export function splitReferences(text: string): { text: string; isReference: boolean }[] {
  const pieces: { text: string; isReference: boolean }[] = [];
  let end = 0;
  for (const { 0: source, index } of text.matchAll(REFERENCE)) {
    if (source === "$${") continue;
    pieces.push({ text: text.slice(end, index), isReference: false }, { text: source, isReference: true });
    end = index + source.length;
  }
  return [...pieces, { text: text.slice(end), isReference: false }];
}

/** Returns a scope for values that may hold secrets: a plan is kept and shown, their values are not. */
export function keepVariables(scope: Scope): Scope {
  return { ...scope, keepsVariables: true };
}

/** True if a text may have a reference. */
export function hasReference(text: string): boolean {
  return text.includes("${");
}

function substituteString(text: string, scope: Scope, path: KeyPath): Json {
  if (!hasReference(text)) return text;
  return ONE_REFERENCE.test(text)
    ? structuredClone(resolveReference(text, scope, path))
    : substituteText(text, scope, path);
}

function resolveReference(source: string, scope: Scope, path: KeyPath): Json {
  const reference = parseReference(source);
  const values: Readonly<Record<string, Json | undefined>> =
    reference.kind === "matrix" ? scope.arm : scope.environment;
  // `process.env` has a prototype, so that `constructor` would be set.
  const value = Object.hasOwn(values, reference.name) ? values[reference.name] : undefined;
  if (value !== undefined && reference.kind === "env") return scope.keepsVariables ? source : value;
  // Values that stand for a reference have no references themselves.
  if (value !== undefined) return scope.keepsVariables ? mapTexts(value, escapeReferences) : value;
  scope.onMissing(reference, path);
  return source;
}

function parseReference(source: string): Reference {
  const body = source.slice("${".length, -"}".length);
  return body.startsWith("env:")
    ? { kind: "env", name: body.slice("env:".length).trim() }
    : { kind: "matrix", name: body.slice("matrix.".length).trim() };
}

function formatText(value: Json): string {
  return typeof value === "string" ? value : formatCanonical(value);
}
