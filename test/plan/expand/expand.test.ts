import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/core/run.ts";
import type { WorkflowDefinition } from "../../../src/define/definition.ts";
import { expandRuns } from "../../../src/plan/expand/expand.ts";
import type { ExpandedRun } from "../../../src/plan/plan.ts";
import {
  from,
  makeCommand,
  makeKedro,
  makeMatrix,
  makeModule,
  makeWorkflow,
  NO_FILTERS,
} from "../../rig/make-definition.ts";

function expand(workflow: WorkflowDefinition, environment: Record<string, string> = {}): ExpandedRun[] {
  const checked = expandRuns(workflow, environment);
  if (!checked.ok) throw new Error(checked.problems.map(({ message }) => message).join("\n"));
  return checked.value;
}

const seeds = makeMatrix({ seed: [1, 2] });

describe("tasks", () => {
  test("of a run that names no environment take Kedro's from KEDRO_ENV, so that the plan and the record say which", () => {
    const workflow = makeWorkflow([makeKedro("a"), makeKedro("b", { env: "base" })]);
    const envs = (environment: Record<string, string>) =>
      expand(workflow, environment).map(({ task }) => (task.kind === "kedro" ? task.env : undefined));
    expect(envs({ KEDRO_ENV: "prod" })).toEqual(["prod", "base"]);
    expect(envs({ KEDRO_ENV: "" })).toEqual([null, "base"]);
    expect(envs({})).toEqual([null, "base"]);
  });

  test("of a module hold its arm's values and keep its secrets; what takes it back is a plain command", () => {
    const score = makeModule(
      "score",
      { path: "/w/${matrix.kind}.ts", params: { least: "${matrix.least}", deep: ["${env:KEY}"] } },
      { matrix: makeMatrix({ kind: ["fast"], least: [0.5] }), onRollback: ["undo", "${matrix.kind}"] },
    );
    const [run] = expand(makeWorkflow([score]), { KEY: "k" });
    const module = { path: "/w/fast.ts", params: { least: 0.5, deep: ["${env:KEY}"] } };
    expect(run?.task).toMatchObject({ kind: "module", module });
    expect(run?.onRollback).toStrictEqual({
      ...{ kind: "command", argv: ["undo", "fast"], shell: false, cwd: "/w", environment: {}, outputs: {} },
    });
  });

  test("of a Kedro arm hold its values wherever a reference can stand", () => {
    const train = makeKedro("train", {
      matrix: makeMatrix({ seed: [7] }),
      pipeline_names: ["p_${matrix.seed}"],
      params: { model: { random_state: "${matrix.seed}" }, note: "seed ${matrix.seed} of ${env:USER}" },
      env: "${env:STAGE}",
      conf_source: "/w/conf_${matrix.seed}",
      filters: { ...NO_FILTERS, tags: ["t${matrix.seed}"], node_names: ["${matrix.seed}"] },
      runner: "${env:RUNNER}",
      outputs: ["regressor"],
    });
    const environment = { USER: "ann", STAGE: "prod", RUNNER: "ThreadRunner" };
    const [run] = expand(makeWorkflow([train], { isolate: "declared", floating: ["table"] }), environment);
    expect(run?.task).toEqual({
      kind: "kedro",
      project_path: "/w/project",
      python: null,
      env: "prod",
      conf_source: "/w/conf_7",
      pipeline_names: ["p_7"],
      filters: { ...NO_FILTERS, tags: ["t7"], node_names: ["7"] },
      runtime_params: { model: { random_state: 7 }, note: "seed 7 of ${env:USER}" },
      runner: "ThreadRunner",
      is_async: false,
      isolate: "declared",
      remote_stores: {},
      floating: ["table"],
      outputs: ["regressor"],
    });
    expect(run).toMatchObject({ run: "train[seed=7]", arm: { seed: 7 }, definition: train });
  });

  test("of a command keep the paths of inputs and outputs for the runner to fill in", () => {
    const command = makeCommand("export", {
      matrix: makeMatrix({ seed: [7] }),
      argv: ["python", "x.py", "--seed=${matrix.seed}", "${inputs.model.path}", "${outputs.out.path}"],
      environment: { SEED: "${matrix.seed}", HOME_OF: "${env:USER}" },
      cwd: "/w/${matrix.seed}/x",
      outputs: { out: { path: null }, bundle: { path: "/w/dist/${matrix.seed}.zip" } },
      timeoutMs: 5,
    });
    const [run] = expand(makeWorkflow([command]), { USER: "ann" });
    expect(run?.timeoutMs).toBe(5);
    expect(run?.task).toEqual({
      kind: "command",
      argv: ["python", "x.py", "--seed=7", "${inputs.model.path}", "${outputs.out.path}"],
      shell: false,
      cwd: "/w/7/x",
      environment: { SEED: "7", HOME_OF: "${env:USER}" },
      outputs: { out: { path: null }, bundle: { path: "/w/dist/7.zip" } },
    });
  });

  test("take a path from the environment as it is, if it is absolute", () => {
    const cwd = "/w/${env:DATA}/in";
    const at = (value: string): Json => {
      const task = expand(makeWorkflow([makeCommand("a", { cwd })]), { DATA: value })[0]?.task;
      return task?.kind === "command" ? task.cwd : null;
    };
    expect(at("/data")).toBe("/data/in");
    expect(at("C:\\data")).toBe("C:\\data/in");
    expect(at("s3://bucket")).toBe("s3://bucket/in");
    expect(at("data")).toBe("/w/data/in");
  });

  test("share no parameter with the definition or with another arm", () => {
    const train = makeKedro("train", { matrix: seeds, params: { deep: { list: [1] } } });
    const params = expand(makeWorkflow([train])).map(({ task }) =>
      task.kind === "kedro" ? task.runtime_params.deep : null,
    );
    expect(params).toEqual([{ list: [1] }, { list: [1] }]);
    expect(new Set([...params, train.params.deep]).size).toBe(3);
  });
});

describe("edges", () => {
  test("to a run with a matrix mean all its arms, and stand in declaration order, each once", () => {
    const runs = [
      makeCommand("prep"),
      makeCommand("train", { matrix: seeds }),
      makeCommand("report", { needs: ["train", "prep"], consumes: { table: from("prep", "table") } }),
    ];
    expect(expand(makeWorkflow(runs)).at(-1)?.needs).toEqual(["prep", "train[seed=1]", "train[seed=2]"]);
  });

  test("through `where` go to the one arm that has the values", () => {
    const runs = [
      makeCommand("train", { matrix: makeMatrix({ seed: [1, 2], model: ["linear", "forest"] }) }),
      makeCommand("score", {
        matrix: seeds,
        consumes: {
          model: from("train", "regressor", { as: "downstream", where: { seed: "${matrix.seed}", model: "forest" } }),
        },
      }),
    ];
    const scores = expand(makeWorkflow(runs)).slice(-2);
    expect(scores.map(({ consumes }) => consumes)).toEqual([
      { model: { rule: "consumed", run: "train[seed=1,model=forest]", dataset: "regressor", as: "downstream" } },
      { model: { rule: "consumed", run: "train[seed=2,model=forest]", dataset: "regressor", as: "downstream" } },
    ]);
    expect(scores.map(({ needs }) => needs)).toEqual([["train[seed=1,model=forest]"], ["train[seed=2,model=forest]"]]);
  });

  test("need no `where` if the matrix has a single arm", () => {
    const runs = [
      makeCommand("train", { matrix: makeMatrix({ seed: [1] }) }),
      makeCommand("end", { consumes: { m: from("train", "m") } }),
    ];
    expect(expand(makeWorkflow(runs)).at(-1)?.needs).toEqual(["train[seed=1]"]);
  });
});

test("names of runs are unique, and every need names one of them", () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const axis = fc.uniqueArray(value, { minLength: 1, maxLength: 4, selector: String });
  fc.assert(
    fc.property(axis, axis, (x, y) => {
      const matrix = makeMatrix({ x, y });
      const where = { x: "${matrix.x}", y: "${matrix.y}" };
      const runs = [
        makeCommand("a", { matrix }),
        makeCommand("b", { matrix, consumes: { d: from("a", "d", { where }) } }),
        makeCommand("c", { needs: ["b"] }),
      ];
      const expanded = expand(makeWorkflow(runs));
      const names = new Set(expanded.map(({ run }) => run));
      expect(names.size).toBe(2 * x.length * y.length + 1);
      for (const { definition, needs, run } of expanded) {
        expect(needs.every((need) => names.has(need))).toBe(true);
        if (definition.name === "b") expect(needs).toEqual([run.replace(/^b/, "a")]);
      }
    }),
  );
});
