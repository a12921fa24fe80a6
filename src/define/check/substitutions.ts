import { basename } from "node:path";
import { isMapping } from "../../core/json.ts";
import { isProcess } from "../../core/kinds.ts";
import type { Json, JsonObject } from "../../core/run.ts";
import type { KeyPath, RunDefinition } from "../definition.ts";
import { listAxes } from "../fields/read-matrix.ts";
import type { ReadRun } from "../fields/read-run.ts";
import { atValue, type Finding } from "../finding.ts";
import { checkText, type TextScope } from "./substitution-text.ts";

interface Checking {
  findings: Finding[];
  /** Environment in which each `${env:NAME}` has to be set, if it is given. */
  env: NodeJS.ProcessEnv | undefined;
}

/** Fields whose texts are filled in when a run is expanded. */
export const FILLED_KEYS: ReadonlySet<string> = new Set([
  ...["pipeline", "pipelines", "params", "env", "conf_source", "runner", "command", "module", "environment", "cwd"],
  "on_rollback",
  ...["tags", "nodes", "from_nodes", "to_nodes", "from_inputs", "to_outputs", "namespaces"],
]);
/** Keys of a consumed dataset that are filled in. */
export const FILLED_CONSUMED_KEYS: ReadonlySet<string> = new Set(["where", "file", "value", "run_id", "alias"]);
/** Fields that may name the paths of a command's inputs and outputs. */
export const PATH_KEYS: ReadonlySet<string> = new Set(["command", "environment"]);
const SHELLS: ReadonlySet<string> = new Set(["sh", "bash", "dash", "zsh", "ksh", "busybox"]);

/** Finds each `${...}` that is no reference, refers to no value, or stands where references are not filled in. */
export function checkSubstitutions(json: JsonObject, read: readonly ReadRun[], checking: Checking): void {
  for (const [key, value] of Object.entries(json)) {
    if (key === "defaults") checkDefaults(value, checking);
    else if (key !== "runs") refuseTexts(value, [key], checking);
  }
  const raw = (json.runs ?? {}) as Record<string, JsonObject>;
  for (const { definition, dropped } of read) {
    const input = raw[definition.name] ?? {};
    const isKnown = !["matrix", "consumes", "outputs"].some((field) => dropped.has(field));
    if (isKnown && hasReference(input)) checkRun(definition, input, checking);
  }
}

function checkDefaults(defaults: Json, checking: Checking): void {
  const scope: TextScope = { ...checking, axes: null, paths: null, isShell: false };
  for (const [key, value] of Object.entries(defaults ?? {})) checkField(key, value, { path: ["defaults", key], scope });
}

function checkRun(run: RunDefinition, raw: JsonObject, checking: Checking): void {
  const scope: TextScope = { ...checking, axes: listAxes(run.matrix), paths: null, isShell: false };
  const pathScope = isProcess(run) ? { ...scope, paths: listPaths(run), isShell: usesShell(run) } : scope;
  for (const [key, value] of Object.entries(raw)) {
    const path = ["runs", run.name, key];
    if (key === "consumes") checkConsumes(value, path, scope);
    else if (key === "outputs") checkOutputs(value, path, scope);
    else if (key === "on_rollback") checkField(key, value, { path, scope: rollbackScope(run, scope) });
    else if (key === "command") checkField(key, value, { path, scope: { ...pathScope, isScript: usesScript(run) } });
    else checkField(key, value, { path, scope: PATH_KEYS.has(key) ? pathScope : scope });
  }
}

function listPaths(run: RunDefinition): { inputs: string[]; outputs: string[] } {
  return { inputs: [...Object.keys(run.consumes), ...Object.keys(run.injects)], outputs: Object.keys(run.outputs) };
}

/** A pipeline's outputs have paths too, once it has run. */
function rollbackScope(run: RunDefinition, scope: TextScope): TextScope {
  const inputs = [...Object.keys(run.consumes), ...Object.keys(run.injects)];
  const outputs = Array.isArray(run.outputs) ? run.outputs : Object.keys(run.outputs);
  return { ...scope, paths: { inputs, outputs }, isShell: SHELLS.has(basename(run.onRollback?.[0] ?? "")) };
}

function usesScript(run: RunDefinition): boolean {
  return run.kind === "command" && run.shell;
}

function usesShell(run: RunDefinition): boolean {
  return run.kind === "command" && (run.shell || SHELLS.has(basename(run.argv[0] ?? "")));
}

interface Field {
  path: KeyPath;
  scope: TextScope;
}

function checkField(key: string, value: Json, { path, scope }: Field): void {
  if (FILLED_KEYS.has(key)) forEachText(value, path, (text, place) => checkText(text, place, scope));
  else refuseTexts(value, path, scope);
}

function checkConsumes(consumes: Json, path: KeyPath, scope: TextScope): void {
  for (const [dataset, consumed] of Object.entries((consumes ?? {}) as Record<string, Json>)) {
    if (!isMapping(consumed)) {
      refuseTexts(consumed, [...path, dataset], scope);
      continue;
    }
    for (const [key, value] of Object.entries(consumed)) {
      const place = [...path, dataset, key];
      if (FILLED_CONSUMED_KEYS.has(key)) forEachText(value, place, (text, at) => checkText(text, at, scope));
      else refuseTexts(value, place, scope);
    }
  }
}

/** Names of outputs stay as they are; the paths of captured files are filled in. */
function checkOutputs(outputs: Json, path: KeyPath, scope: TextScope): void {
  if (Array.isArray(outputs)) refuseTexts(outputs, path, scope);
  else forEachText(outputs, path, (text, place) => checkText(text, place, scope));
}

function refuseTexts(value: Json, path: KeyPath, { findings }: Pick<Checking, "findings">): void {
  forEachText(value, path, (_text, place) => {
    findings.push(atValue(place, "unexpected-substitution", "nothing is filled in here", "write the value itself"));
  });
}

/** Tells most runs, which have no reference, from the others. */
export function hasReference(value: Json): boolean {
  if (typeof value === "string") return value.includes("${");
  if (value === null || typeof value !== "object") return false;
  if (Array.isArray(value)) return value.some(hasReference);
  for (const key in value) if (hasReference(value[key] ?? null)) return true;
  return false;
}

/** Every text with a `${` in it. */
function forEachText(value: Json, path: KeyPath, check: (text: string, path: KeyPath) => void): void {
  const steps = [...path];
  const visit = (inside: Json): void => {
    if (typeof inside === "string") {
      if (inside.includes("${")) check(inside, [...steps]);
      return;
    }
    if (inside === null || typeof inside !== "object") return;
    const isList = Array.isArray(inside);
    for (const [key, member] of Object.entries(inside)) {
      steps.push(isList ? Number(key) : key);
      visit(member);
      steps.pop();
    }
  };
  visit(value);
}
