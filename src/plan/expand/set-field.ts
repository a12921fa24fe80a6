import { accept, type Checked, type Problem, problemAt, warningAt } from "../../core/error/problem.ts";
import { isMapping } from "../../core/json.ts";
import type { CommandTask, KedroTask, ModuleTask, ProcessTask, Task } from "../../core/port/runner.ts";
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
  const changed = setOfKind(task, setting);
  if (!changed.ok) return changed;
  const isSame = isSameJson(listSettable(changed.value), listSettable(task));
  return accept(isSame ? task : (changed.value as T), changed.warnings);
}

function setOfKind(task: Task, setting: FieldSetting): Checked<Task> {
  switch (task.kind) {
    case "kedro":
      return setOfKedro(task, setting);
    case "command":
      return setOfCommand(task, setting);
    case "module":
      return setOfModule(task, setting);
    default:
      return task satisfies never;
  }
}

function listSettable(task: Task): Json {
  switch (task.kind) {
    case "kedro":
      return { params: task.runtime_params, env: task.env, runner: task.runner };
    case "command":
      return { environment: task.environment, command: task.argv };
    case "module":
      return { environment: task.environment, params: task.module.params };
    default:
      return task satisfies never;
  }
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

function setOfCommand(task: CommandTask, setting: FieldSetting): Checked<Task> {
  const { field, value, text } = setting;
  const [name = "", rest] = splitHead(field);
  if (name === "environment" && rest !== null) return setVariable(task, rest, setting);
  if (name !== "command" || rest === null) return rejectField(field, COMMAND_FIELDS);
  const index = Number(rest);
  const word = typeof value === "string" ? value : text;
  if (/^\d+$/.test(rest) && index < task.argv.length) return accept({ ...task, argv: task.argv.with(index, word) });
  const hint = `its words have the numbers 0 to ${task.argv.length - 1}: ${task.argv.join(" ")}`;
  return reject("unknown-field", `the command has no word ${rest}`, hint);
}

function setOfModule(task: ModuleTask, setting: FieldSetting): Checked<Task> {
  const [name = "", rest] = splitHead(setting.field);
  if (name === "environment" && rest !== null) return setVariable(task, rest, setting);
  if (name !== "params" || rest === null) return rejectField(setting.field, MODULE_FIELDS);
  const { module } = task;
  const params = setNested(module.params, rest, setting.value);
  if (!params.ok) return params;
  return accept({ ...task, module: { ...module, params: params.value } }, warnNew(module.params, rest));
}

function setVariable(task: ProcessTask, name: string, { value, text }: FieldSetting): Checked<Task> {
  if (!/^[A-Za-z_]\w*$/.test(name)) return reject("invalid-value", `a variable can't be called "${name}"`);
  const environment = { ...task.environment, [name]: typeof value === "string" ? value : text };
  return accept({ ...task, environment }, warnNew(task.environment, name));
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
