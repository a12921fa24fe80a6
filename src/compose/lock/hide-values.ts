import type { Json, JsonObject } from "../../core/run.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { expandRuns } from "../../plan/expand/expand.ts";
import type { ExpandedRun } from "../../plan/plan.ts";

const REFERENCE = /\$\{env:([^{}]*)\}/g;
/** A name that says that its value is a secret. */
const SECRET_NAME =
  /(?:^|[._-])(?:password|passwd|passphrase|pwd|secret|token|credentials?|auth|(?:api|access|private)_?key)(?:$|[._-])/i;

/** The runs of a workflow with `${env:NAME}` for itself: values of variables are secrets, or of one machine. */
export function expandHidden(definition: WorkflowDefinition): ReadonlyMap<string, ExpandedRun> {
  const names = JSON.stringify(definition.runs).matchAll(REFERENCE);
  const hidden = Array.from(names, ([text, name = ""]) => [name.trim(), text]);
  const expanded = expandRuns(definition, Object.fromEntries(hidden));
  return new Map(expanded.ok ? expanded.value.map((run) => [run.run, run]) : []);
}

/** Whether a text shows where a variable would be filled in. */
export function namesVariable(text: string): boolean {
  return text.includes("${env:");
}

/** What a lock file says of a parameter. */
export type ShownParameter = { shown: Json } | { hidden: "variable" | "name" } | null;

/**
 * The reference of a parameter that comes from a variable, as `params` of the file has it; or that its name speaks of a
 * secret, which no number is. Null if nothing forbids to show it.
 */
export function hideParameter(
  leaf: string,
  { params, value }: { params: JsonObject; value: Json | undefined },
): ShownParameter {
  const given = findGiven(leaf.replace(/^parameters\./, "").split("."), params);
  if (given !== undefined && namesVariable(JSON.stringify(given))) {
    return typeof given === "string" ? { shown: given } : { hidden: "variable" };
  }
  const isHarmless = value === null || typeof value === "number" || typeof value === "boolean";
  return SECRET_NAME.test(leaf) && !isHarmless ? { hidden: "name" } : null;
}

/** Of `a.b.c` what the mapping gives for it, or for what encloses it: `{ a: { b: ... } }`, or a flat key `a.b`. */
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
