import { describe, expect, it } from "vitest";
import type { KedroTask, Task } from "../../../src/core/port/runner.ts";
import type { Json } from "../../../src/core/run.ts";
import { setField } from "../../../src/plan/expand/set-field.ts";
import { kedroTask } from "../../rig/resolved-run.ts";

const kedro = (runtime_params: KedroTask["runtime_params"]): KedroTask => ({
  ...kedroTask({ project_path: "/p" }),
  runtime_params,
});
const command: Task = {
  kind: "command",
  argv: ["sh", "x.sh"],
  shell: false,
  cwd: "/",
  environment: { K: "1" },
  outputs: {},
};
const module: Task = {
  kind: "module",
  module: { path: "/x.ts", params: { least: 1, deep: { a: 1 } } },
  cwd: "/",
  environment: { K: "1" },
  outputs: {},
};
const set = (task: Task, field: string, value: Json, text = String(value)) => setField(task, { field, value, text });

describe("a field of a Kedro run", () => {
  it.each<[KedroTask["runtime_params"], string, Json, KedroTask["runtime_params"]]>([
    [{}, "params.x", 2, { x: 2 }],
    [{ model: { seed: 1, depth: 3 } }, "params.model.seed", 7, { model: { seed: 7, depth: 3 } }],
    [{}, "params.model.seed", "7", { model: { seed: "7" } }],
    [{ "a.b": 1 }, "params.a.b", 2, { "a.b": 2 }],
    [{ a: { "b.c": { d: 1 } } }, "params.a.b.c.d", 2, { a: { "b.c": { d: 2 } } }],
    [{ x: 1 }, "params.x", [1, 2], { x: [1, 2] }],
  ])("%o with %s = %o becomes %o", (params, field, value, expected) => {
    const changed = set(kedro(params), field, value);
    expect(changed).toMatchObject({ ok: true, value: { runtime_params: expected } });
  });

  it("env and runner are texts; the env may be none", () => {
    expect(set(kedro({}), "env", "prod")).toMatchObject({ ok: true, value: { env: "prod" } });
    expect(set(kedro({}), "env", null)).toMatchObject({ ok: true, value: { env: null } });
    expect(set(kedro({}), "runner", "ThreadRunner")).toMatchObject({ ok: true, value: { runner: "ThreadRunner" } });
  });

  it("is the very task if the value is that already", () => {
    const task = kedro({ model: { seed: 1 } });
    expect(set(task, "params.model.seed", 1)).toEqual({ ok: true, value: task, warnings: [] });
    const same = set(task, "params.model.seed", 1);
    expect(same.ok && same.value).toBe(task);
  });
});

describe("a field of a command", () => {
  it("a variable is a text as it was written, a word is replaced by its number", () => {
    expect(set(command, "environment.K", 1.5, "1.50")).toMatchObject({ value: { environment: { K: "1.50" } } });
    expect(set(command, "environment.NEW", "a")).toMatchObject({ value: { environment: { K: "1", NEW: "a" } } });
    expect(set(command, "command.1", "y.sh")).toMatchObject({ value: { argv: ["sh", "y.sh"] } });
  });
});

describe("a field of a module", () => {
  it("is a parameter, or a variable", () => {
    const params = { least: 0.7, deep: { a: 1 } };
    expect(set(module, "params.least", 0.7)).toMatchObject({ ok: true, value: { module: { path: "/x.ts", params } } });
    expect(set(module, "params.deep.b", [2])).toMatchObject({
      value: { module: { params: { deep: { a: 1, b: [2] } } } },
    });
    expect(set(module, "environment.K", 2)).toMatchObject({ value: { environment: { K: "2" } } });
  });

  it("is the very task if the value is that already", () => {
    const same = set(module, "params.deep.a", 1);
    expect(same.ok && same.value).toBe(module);
  });
});

it.each<[Task, string, Json, string, string | null]>([
  [module, "command.0", "x", "unknown-field", "what can be set: params.NAME, environment.NAME"],
  [module, "parms.x", 1, "unknown-field", 'did you mean "params"?'],
  [command, "params.x", 1, "unknown-field", "what can be set: environment.NAME, command.N"],
  [kedro({}), "parms.x", 1, "unknown-field", 'did you mean "params"?'],
  [kedro({}), "timeout", 1, "unknown-field", "what can be set: params.NAME, env, runner"],
  [kedro({}), "params", 1, "unknown-field", "what can be set: params.NAME, env, runner"],
  [kedro({}), "env", 1, "invalid-value", null],
  [kedro({}), "runner", null, "invalid-value", null],
  [kedro({ x: 3 }), "params.x.y", 1, "invalid-value", null],
  [kedro({}), "params.__proto__.y", 1, "invalid-value", null],
  [kedro({}), "params.a..y", 1, "invalid-value", null],
  [command, "params.x", 1, "unknown-field", "what can be set: environment.NAME, command.N"],
  [command, "environment.a b", 1, "invalid-value", null],
  [command, "command.2", "x", "unknown-field", "its words have the numbers 0 to 1: sh x.sh"],
])("%o: %s = %o is refused as %s", (task, field, value, code, hint) => {
  const changed = set(task, field, value);
  expect(changed.ok ? [] : changed.problems).toMatchObject([hint === null ? { code } : { code, hint }]);
});

it.each<[Task, string, string | null]>([
  [module, "params.leats", 'did you mean "least"?'],
  [module, "params.leats.a", 'did you mean "least"?'],
  [module, "params.deep.b", null],
  [module, "params.other", null],
  [{ ...command, environment: { THRESHOLD: "1" } }, "environment.TRESHOLD", 'did you mean "THRESHOLD"?'],
  [command, "environment.OTHER", null],
])("%o: a new name %s is accepted, and what it is like is named", (task, field, hint) => {
  const changed = set(task, field, 8);
  expect(changed.ok && changed.warnings.map((warning) => [warning.code, warning.hint])).toEqual(
    hint === null ? [] : [["undeclared-parameter", hint]],
  );
});
