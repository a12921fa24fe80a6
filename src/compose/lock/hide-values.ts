import type { Json, JsonObject } from "../../core/run.ts";
import { isSecretName } from "../../core/secrets/secret-names.ts";
import { looksSecret } from "../../core/secrets/secret-texts.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { expandRuns } from "../../plan/expand/expand.ts";
import type { ExpandedRun } from "../../plan/plan.ts";
import type { FindIgnored } from "./ignored-parameters.ts";

const REFERENCE = /\$\{env:([^{}]*)\}/g;

/** The runs of a workflow with `${env:NAME}` for itself: values of variables are secrets, or of one machine. */
export function expandHidden(definition: WorkflowDefinition): ReadonlyMap<string, ExpandedRun> {
  const names = JSON.stringify(definition.runs).matchAll(REFERENCE);
  const hidden = Array.from(names, ([text, name = ""]) => [name.trim(), text]);
  const expanded = expandRuns(definition, Object.fromEntries(hidden));
  return new Map(expanded.ok ? expanded.value.map((run) => [run.run, run]) : []);
}

/** True if a text has a variable to fill in. */
export function namesVariable(text: string): boolean {
  return text.includes("${env:");
}

/** A value that a lock file shows of a parameter, or the reason why it shows none. */
export type ShownParameter = { shown: Json } | { hidden: string } | null;

export interface ParameterSources {
  /** The `params` of the workflow file. */
  params: JsonObject;
  /** Undefined if it is too long to be shown. */
  value: Json | undefined;
  /** Tells of a file that no checkout has and that may give it, as a clause; null if there is none. */
  findIgnored: FindIgnored;
}

/**
 * Hides a parameter that comes from a variable, with its reference as in `params` of the file, or with the reason why
 * it may not be written down. Null if it may be shown: its name speaks of no secret, and its value has no form of one.
 */
export function hideParameter(leaf: string, { params, value, findIgnored }: ParameterSources): ShownParameter {
  const path = leaf.replace(/^parameters\./, "");
  const given = findGiven(path.split("."), params);
  if (given !== undefined && namesVariable(JSON.stringify(given))) {
    return typeof given === "string" ? { shown: given } : { hidden: "it comes from an environment variable" };
  }
  const ignored = given === undefined ? findIgnored(path) : null;
  if (ignored !== null) return { hidden: ignored };
  const isHarmless = value === null || typeof value === "number" || typeof value === "boolean";
  if (isHarmless) return null;
  if (isSecretName(leaf)) return { hidden: "by its name it may be a secret" };
  return value !== undefined && looksSecret(JSON.stringify(value))
    ? { hidden: "by its form it may be a secret" }
    : null;
}

/**
 * Finds the value that the mapping gives for `a.b.c`, or for a mapping around it: `{ a: { b: ... } }`, or a flat key
 * `a.b`.
 */
function findGiven(path: readonly string[], params: JsonObject): Json | undefined {
  for (let length = path.length; length > 0; length--) {
    const key = path.slice(0, length).join(".");
    const found = Object.hasOwn(params, key) ? params[key] : undefined;
    if (found === undefined) continue;
    const rest = path.slice(length);
    const isMapping = found !== null && typeof found === "object" && !Array.isArray(found);
    return rest.length > 0 && isMapping ? findGiven(rest, found) : found;
  }
  return undefined;
}
