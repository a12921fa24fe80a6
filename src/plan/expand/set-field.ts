import { accept, type Checked, type Problem, problemAt, warningAt } from "../../core/error/problem.ts";
import { isMapping } from "../../core/json.ts";
import type { CommandTask, KedroTask, Task } from "../../core/port/runner.ts";
import type { Json, JsonObject } from "../../core/run.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import { isSameJson } from "../canonical-json.ts";

/** New value of one run's field. */
export interface FieldSetting {
  /** Field as the workflow file names it: `params.model.seed`, `env`, `environment.NAME`. */
  field: string;
  value: Json;
  /** Value as it was written: variables of commands are texts. */
  text: string;
}

const KEDRO_FIELDS = ["params", "env", "runner"];
const COMMAND_FIELDS = ["environment", "command"];
const MODULE_FIELDS = ["params", "environment"];
const RESERVED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * The task with one field changed; the task itself if it has that value already. Problems: `unknown-field`, `invalid-value`; a
 * warning, `undeclared-parameter`, for a new name that is like one of the file's, where no project knows the names.
 */
export function setField<T extends Task>(task: T, setting: FieldSetting): Checked<T> {
  const changed: Checked<Task> = task.kind === "kedro" ? setOfKedro(task, setting) : setOfCommand(task, setting);
  if (!changed.ok) return changed;
  const isSame = isSameJson(listSettable(changed.value), listSettable(task));
  return accept(isSame ? task : (changed.value as T), changed.warnings);
}

function listSettable(task: Task): Json {
  return task.kind === "kedro"
    ? { params: task.runtime_params, env: task.env, runner: task.runner }
    : { environment: task.environment, command: task.argv, params: task.module?.params ?? {} };
}

function setOfKedro(task: KedroTask, { field, value }: FieldSetting): Checked<Task> {
  const [name = "", rest] = splitHead(field);
  if (name === "params" && rest !== null) {
    const params = setNested(task.runtime_params, rest, value);
    return params.ok ? accept({ ...task, runtime_params: params.value }) : params;
  }
  if (rest !== null || !["env", "runner"].includes(name)) return rejectField(field, KEDRO_FIELDS);
  const isText = typeof value === "string" && value !== "";
  if (name === "env" && (isText || value === null)) return accept({ ...task, env: value });
  if (name === "runner" && isText) return accept({ ...task, runner: value });
  return reject("invalid-value", `${name} is a string, not ${JSON.stringify(value)}`);
}

function setOfCommand(task: CommandTask, { field, value, text }: FieldSetting): Checked<Task> {
  const [name = "", rest] = splitHead(field);
  const { module } = task;
  const fields = module === undefined ? COMMAND_FIELDS : MODULE_FIELDS;
  if (rest === null || !fields.includes(name)) return rejectField(field, fields);
  if (module !== undefined && name === "params") {
    const params = setNested(module.params, rest, value);
    if (!params.ok) return params;
    return accept({ ...task, module: { ...module, params: params.value } }, warnNew(module.params, rest));
  }
  const word = typeof value === "string" ? value : text;
  if (name === "environment") {
    if (/^[A-Za-z_]\w*$/.test(rest)) {
      const environment = { ...task.environment, [rest]: word };
      return accept({ ...task, environment }, warnNew(task.environment, rest));
    }
    return reject("invalid-value", `a variable can't be called "${rest}"`);
  }
  const index = Number(rest);
  if (/^\d+$/.test(rest) && index < task.argv.length) return accept({ ...task, argv: task.argv.with(index, word) });
  const hint = `its words have the numbers 0 to ${task.argv.length - 1}: ${task.argv.join(" ")}`;
  return reject("unknown-field", `the command has no word ${rest}`, hint);
}

/** `a.b.c` into what stands before the first dot and after it. */
function splitHead(field: string): [head: string, rest: string | null] {
  const dot = field.indexOf(".");
  return dot === -1 ? [field, null] : [field.slice(0, dot), field.slice(dot + 1)];
}

/** A key with dots that is there already is meant as it is; what is missing on the way is made. */
function setNested(object: JsonObject, path: string, value: Json): Checked<JsonObject> {
  const known = Object.keys(object)
    .filter((key) => path === key || path.startsWith(`${key}.`))
    .sort((a, b) => b.length - a.length)[0];
  const [first] = splitHead(path);
  const key = known ?? first;
  const rest = path === key ? null : path.slice(key.length + 1);
  if (key === "" || rest === "" || RESERVED.has(key))
    return reject("invalid-value", `"${path}" can't name a parameter`);
  if (rest === null) return accept({ ...object, [key]: value });
  const inner = Object.hasOwn(object, key) ? object[key] : {};
  if (inner === undefined || !isMapping(inner))
    return reject("invalid-value", `${key} is ${JSON.stringify(inner)}: it has no ${rest} to set`);
  const nested = setNested(inner, rest, value);
  return nested.ok ? accept({ ...object, [key]: nested.value }) : nested;
}

function warnNew(known: JsonObject, path: string): Problem[] {
  const [first, rest] = Object.hasOwn(known, path) ? [path, null] : splitHead(path);
  const inner = Object.hasOwn(known, first) ? known[first] : undefined;
  if (inner !== undefined) return rest !== null && isMapping(inner) ? warnNew(inner, rest) : [];
  const near = didYouMean(first, Object.keys(known));
  return near === null ? [] : [warningAt(null, "undeclared-parameter", `the file gives it no "${first}"`, near)];
}

function rejectField(field: string, fields: readonly string[]): { ok: false; problems: Problem[] } {
  const [name] = splitHead(field);
  const known = fields.map((each) => (["params", "environment"].includes(each) ? `${each}.NAME` : each));
  const shown = known.map((each) => (each === "command" ? "command.N" : each)).join(", ");
  const near = didYouMean(name, fields);
  return reject("unknown-field", `"${field}" can't be set`, near ?? `what can be set: ${shown}`);
}

function reject(code: string, message: string, hint: string | null = null): { ok: false; problems: Problem[] } {
  return { ok: false, problems: [problemAt(null, code, message, hint)] };
}
