import { randomUUID } from "node:crypto";
import { isMapping, mapTexts } from "../core/json.ts";
import type { Json, JsonObject } from "../core/run.ts";
import { FILLED_CONSUMED_KEYS, FILLED_KEYS, PATH_KEYS } from "./check/substitutions.ts";

/** Marks of references in this process: two copies of the package share them, and a user's text can't have one. */
const MARK = Symbol.for("runweave.env-mark");
const shared = globalThis as { [MARK]?: string };
shared[MARK] ??= randomUUID();
const REFERENCE = new RegExp(`\\$\\{env:(\\w+)#${shared[MARK]}\\}`, "g");

/** Literal `${` of a script's texts: all but those that begin a reference to the matrix, or to a path. */
const MATRIX = /\$\{(?!matrix\b)/g;
const PATHS = /\$\{(?!(?:inputs?|outputs?)\b)/g;
const MATRIX_AND_PATHS = /\$\{(?!(?:matrix|inputs?|outputs?)\b)/g;
const ALL = /\$\{/g;

/**
 * A reference to an environment variable in a workflow or a run of a script: its value is filled in by the process that needs it, and
 * is recorded nowhere. It may stand within a longer text: `Bearer ${env("TOKEN")}`. No other text refers to a variable. Throws
 * TypeError for what can't be the name of one.
 */
export function env(name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is not the name of a variable`);
  return `\${env:${name}#${shared[MARK]}}`;
}

/**
 * A declaration of a script in the form of a file: `env("NAME")` becomes `${env:NAME}`, and any other `${` is literal, but for those that
 * name axes of a matrix, and paths in commands. Runs of a session have no matrix.
 */
export function readLiteralTexts(json: JsonObject, { hasMatrix }: { hasMatrix: boolean }): JsonObject {
  return mapMembers(json, (value, key) => {
    if (key === "defaults") return readRun(value, hasMatrix);
    return key === "runs" ? mapMembers(value, (run) => readRun(run, hasMatrix)) : mapTexts(value, nameVariables);
  });
}

function readRun(run: Json, hasMatrix: boolean): Json {
  const plain = escapeBut(hasMatrix ? MATRIX : ALL);
  const withPaths = escapeBut(hasMatrix ? MATRIX_AND_PATHS : PATHS);
  return mapMembers(run, (value, key) => {
    if (key === "consumes") {
      return mapMembers(value, (consumed) =>
        mapMembers(consumed, (member, name) =>
          mapTexts(member, FILLED_CONSUMED_KEYS.has(name) ? plain : nameVariables),
        ),
      );
    }
    if (key === "outputs") return Array.isArray(value) ? value : mapTexts(value, plain);
    if (PATH_KEYS.has(key) || key === "on_rollback") return mapTexts(value, withPaths);
    return mapTexts(value, FILLED_KEYS.has(key) ? plain : nameVariables);
  });
}

/** Writes references as files have them, so that those in fields without references are found. */
function nameVariables(text: string): string {
  return text.replaceAll(REFERENCE, (_, name: string) => `\${env:${name}}`);
}

function escapeBut(literal: RegExp): (text: string) => string {
  return (text) => {
    // A shortcut: most texts have no reference.
    if (!text.includes("${")) return text;
    const pieces = text.split(REFERENCE);
    // Every second piece is the name of a variable.
    return pieces
      .map((piece, at) => (at % 2 === 1 ? `\${env:${piece}}` : piece.replaceAll(literal, () => "$${")))
      .join("");
  };
}

function mapMembers<T extends Json>(value: T, change: (member: Json, key: string) => Json): T {
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member, key)])) as T;
}
