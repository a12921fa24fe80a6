import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/core/problem.ts";
import type { Json } from "../../src/core/run.ts";
import type { WorkflowDefinition } from "../../src/define/definition.ts";
import { MAX_ARMS } from "../../src/plan/arm-groups.ts";
import { expandRuns } from "../../src/plan/expand.ts";
import type { ExpandedRun } from "../../src/plan/plan.ts";
import { from, makeCommand, makeKedro, makeMatrix, makeWorkflow, NO_FILTERS } from "../rig/make-definition.ts";

function expand(workflow: WorkflowDefinition, environment: Record<string, string> = {}): ExpandedRun[] {
  const checked = expandRuns(workflow, environment);
  if (!checked.ok) throw new Error(checked.problems.map(({ message }) => message).join("\n"));
  return checked.value;
}

function problemsOf(workflow: WorkflowDefinition, environment: Record<string, string> = {}): Problem[] {
  const checked = expandRuns(workflow, environment);
  return checked.ok ? checked.warnings : checked.problems;
}

/** Each problem as `code place: message | hint`. */
function summarize(problems: Problem[]): string[] {
  return problems.map(({ code, location, message, hint }) => {
    return `${code} ${location?.file}: ${message}${hint === null ? "" : ` | ${hint}`}`;
  });
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
    const score = makeCommand("score", {
      ...{ matrix: makeMatrix({ kind: ["fast"], least: [0.5] }), argv: [], onRollback: ["undo", "${matrix.kind}"] },
      module: { path: "/w/${matrix.kind}.ts", params: { least: "${matrix.least}", deep: ["${env:KEY}"] } },
    });
    const [run] = expand(makeWorkflow([score]), { KEY: "k" });
    const module = { path: "/w/fast.ts", params: { least: 0.5, deep: ["${env:KEY}"] } };
    expect(run?.task).toMatchObject({ kind: "command", argv: [], module });
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
      { model: { run: "train[seed=1,model=forest]", dataset: "regressor", as: "downstream" } },
      { model: { run: "train[seed=2,model=forest]", dataset: "regressor", as: "downstream" } },
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

describe("problems", () => {
  const consumer = (where: Record<string, Json> | null) => [
    makeCommand("train", { matrix: makeMatrix({ seed: [1, 2], model: ["linear", "forest"] }) }),
    makeCommand("end", { consumes: { model: from("train", "model", { where }) } }),
  ];
  test.each<[string, WorkflowDefinition, string[]]>([
    [
      "an unset variable, once per place and not once per arm",
      makeWorkflow([makeKedro("a", { matrix: seeds, params: { x: ["${env:TOKEN}"] }, env: "${env:TOKEN}" })]),
      [
        "unset-variable runs/a/env: the environment variable TOKEN is not set (and 1 more like it)",
        "unset-variable runs/a/params/x/0: the environment variable TOKEN is not set (and 1 more like it)",
      ],
    ],
    [
      "a matrix value that an arm lacks",
      makeWorkflow([
        makeCommand("a", { matrix: makeMatrix({ x: [1] }, { include: [{ y: 2 }, { x: 3 }] }), argv: ["${matrix.y}"] }),
      ]),
      ['unknown-axis runs/a/command/0: a[x=3] has no value "y" in its matrix'],
    ],
    [
      "no arm, with the nearest",
      makeWorkflow(consumer({ seed: "2", model: "forest" })),
      [
        'no-such-arm runs/end/consumes/model/where: "model" is to come from train[seed=2,model=forest], and there is no such arm | did you mean train[seed=2,model=forest]?',
      ],
    ],
    [
      "no arm at all like it",
      makeWorkflow(consumer({ seed: 9 })),
      [
        'no-such-arm runs/end/consumes/model/where: "model" is to come from train[seed=9], and there is no such arm | the arms are train[seed=1,model=linear], train[seed=1,model=forest], train[seed=2,model=linear], train[seed=2,model=forest]',
      ],
    ],
    [
      "several arms",
      makeWorkflow(consumer({ model: "linear" })),
      [
        'ambiguous-arm runs/end/consumes/model/where: "model" can come from 2 arms of "train": train[seed=1,model=linear], train[seed=2,model=linear] | say more under `where`, until one arm is left',
      ],
    ],
    [
      "all arms, for want of a `where`",
      makeWorkflow([
        makeCommand("train", { matrix: makeMatrix({ seed: [...Array(10).keys()] }) }),
        makeCommand("end", { consumes: { model: from("train", "m") } }),
      ]),
      [
        'ambiguous-arm runs/end/consumes/model/where: "model" can come from 10 arms of "train": train[seed=0], train[seed=1], train[seed=2], train[seed=3], train[seed=4], train[seed=5], train[seed=6], train[seed=7] and 2 more | say more under `where`, until one arm is left',
      ],
    ],
    [
      "runs that don't exist",
      makeWorkflow([makeCommand("train", { needs: ["trian"], consumes: { x: from("ghost", "x") } })]),
      [
        'unknown-run runs/train/consumes/x/run: there is no run "ghost"',
        'unknown-run runs/train/needs/0: there is no run "trian" | did you mean "train"?',
      ],
    ],
    [
      "equal arms, and nothing of who consumes them",
      makeWorkflow([
        makeCommand("a", { matrix: makeMatrix({ x: [1, "1"] }) }),
        makeCommand("b", { needs: ["a"], consumes: { d: from("a", "d") } }),
      ]),
      ['equal-arms runs/a/matrix: the matrix of "a" makes two arms named a[x=1]'],
    ],
    [
      "a matrix without an arm",
      makeWorkflow([makeCommand("a", { matrix: makeMatrix({ x: [1] }, { exclude: [{ x: 1 }] }) })]),
      ['empty-matrix runs/a/matrix: the matrix of "a" has no arm'],
    ],
  ])("%s", (_, workflow, problems) => {
    expect(summarize(problemsOf(workflow))).toEqual(problems);
  });

  test("never repeat what the environment holds", () => {
    const runs = consumer({ seed: "${env:SECRET}", model: "${env:UNSET}" });
    const more = consumer({ seed: "${env:SECRET}" });
    const all = [
      ...problemsOf(makeWorkflow(runs), { SECRET: "hunter2" }),
      ...problemsOf(makeWorkflow(more), { SECRET: "hunter2" }),
    ];
    expect(all.map(({ code }) => code)).toEqual(["unset-variable", "no-such-arm"]);
    expect(JSON.stringify(all)).not.toContain("hunter2");
    expect(all[1]?.message).toContain("${env:SECRET}");
  });

  test("more arms than are allowed in all are refused before they are made", () => {
    const wide = [...Array(1000).keys()];
    const huge = makeMatrix({ a: wide, b: wide, c: wide, d: wide });
    const codes = problemsOf(makeWorkflow([makeCommand("a", { matrix: huge })]));
    expect(summarize(codes)).toEqual([
      `too-many-arms runs/a/matrix: the matrix of "a" makes 1000000000000 arms; ${MAX_ARMS} are allowed in all`,
    ]);
    const half = makeMatrix({ a: [...Array(251).keys()], b: [...Array(200).keys()] });
    const two = problemsOf(makeWorkflow([makeCommand("a", { matrix: half }), makeCommand("b", { matrix: half })]));
    expect(two.map(({ code, location }) => [code, location?.file])).toEqual([["too-many-arms", "runs/b/matrix"]]);
  });

  test("the edges between two wide matrices are refused before they are made", () => {
    const wide = makeMatrix({ a: [...Array(2000).keys()] });
    const runs = [makeCommand("a", { matrix: wide }), makeCommand("b", { matrix: wide, needs: ["a"] })];
    expect(problemsOf(makeWorkflow(runs)).map(({ code, location }) => [code, location?.file])).toEqual([
      ["too-many-edges", "runs/b/needs/0"],
    ]);
  });

  test("beyond 200 are counted", () => {
    const runs = Array.from({ length: 500 }, (_, index) => makeCommand(`r${index}`, { needs: ["ghost"] }));
    const problems = problemsOf(makeWorkflow(runs));
    expect(problems).toHaveLength(201);
    expect(problems.at(-1)).toMatchObject({
      code: "more-problems",
      message: "and 300 more problems",
      severity: "error",
    });
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
