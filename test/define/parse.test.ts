import { describe, expect, test } from "vitest";
import { NO_RESOURCES } from "../../src/core/resources.ts";
import { DEFAULT_POLICY } from "../../src/core/run-policy.ts";
import { parseWorkflow } from "../../src/define/parse.ts";
import { checkText, define, listProblems } from "./read-text.ts";

describe("a definition", () => {
  test("has the defaults of what the file leaves out", () => {
    const { runs, locate, ...rest } = define("runs: { a: { command: [ls] } }\n");
    expect(rest).toEqual({
      name: "flow",
      capture: "all",
      file: "/w/flow.yaml",
      dir: "/w",
      project: null,
      max_parallel: null,
      on_failure: "fail-fast",
      isolate: "all",
      floating: [],
      publish: [],
      store: null,
      remote_stores: {},
      resources: {},
    });
    expect(runs).toEqual([
      {
        kind: "command",
        name: "a",
        needs: [],
        consumes: {},
        injects: {},
        matrix: null,
        timeoutMs: null,
        cache: "off",
        onRollback: null,
        policy: DEFAULT_POLICY,
        resources: NO_RESOURCES,
        argv: ["ls"],
        shell: false,
        cwd: "/w",
        environment: {},
        outputs: {},
        sources: [],
      },
    ]);
    expect(locate(["runs", "a"])).toEqual({ file: "flow.yaml", line: 1, column: 9 });
  });

  test.each<[field: string, one: string, list: string]>([
    ["needs", "b: { command: [ls], needs: a }", "b: { command: [ls], needs: [a] }"],
    ["outputs", "b: { pipeline: q, outputs: t }", "b: { pipeline: q, outputs: [t] }"],
    ["to_outputs", "b: { pipeline: q, to_outputs: t }", "b: { pipeline: q, to_outputs: [t] }"],
    ["sources", "b: { command: [ls], cache: on, sources: x.py }", "b: { command: [ls], cache: on, sources: [x.py] }"],
  ])("takes one %s for a list of one", (_, one, list) => {
    const read = (run: string) => define(`project: p\nruns: { a: { command: [ls] }, ${run} }\n`).runs;
    expect(read(one)).toEqual(read(list));
  });

  test("takes one output to publish for a list of one", () => {
    const read = (publish: string) =>
      define(`publish: ${publish}\nruns: { a: { command: [ls], outputs: { t: t } } }\n`);
    expect(read("t").publish).toEqual(read("[t]").publish);
  });

  test("tells what comes from outside the session from what a run saves", () => {
    const { runs } = define(`
project: p
runs:
  prep: { pipeline: q, outputs: [t] }
  use:
    pipeline: q
    consumes:
      t: prep
      file: { file: data/raw.csv }
      folder: { file: /abs/parts }
      late: { file: "\${env:FOLDER}/raw.csv" }
      none: { value: null }
      deep: { value: { a: [1, "\${matrix.x}"] } }
      old: { run_id: 2026-11-23 }
      other: { run_id: 2026-11-23, dataset: t, as: downstream }
    matrix: { x: [1] }
`);
    expect(runs[1]).toMatchObject({
      consumes: { t: { run: "prep", dataset: "t", as: "upstream", where: null } },
      injects: {
        file: { kind: "file", path: "/w/data/raw.csv" },
        folder: { kind: "file", path: "/abs/parts" },
        late: { kind: "file", path: `/w/\${env:FOLDER}/raw.csv` },
        none: { kind: "value", value: null },
        deep: { kind: "value", value: { a: [1, `\${matrix.x}`] } },
        old: { kind: "run_id", run_id: "2026-11-23", dataset: "old", as: "upstream" },
        other: { kind: "run_id", run_id: "2026-11-23", dataset: "t", as: "downstream" },
      },
    });
  });

  test("spells out short forms", () => {
    const { runs } = define(`
project: p
runs:
  prep: { pipeline: q, outputs: [t, u@pandas] }
  b: { pipelines: [q, r], nodes: [n], consumes: { t: prep, v: { run: prep, dataset: u, as: downstream } } }
`);
    expect(runs[1]).toMatchObject({
      pipeline_names: ["q", "r"],
      filters: { node_names: ["n"], tags: [] },
      consumes: {
        t: { run: "prep", dataset: "t", as: "upstream", where: null },
        v: { run: "prep", dataset: "u", as: "downstream", where: null },
      },
      runner: "SequentialRunner",
      is_async: false,
    });
  });

  test("merges defaults into runs: a run's own fields win, parameters key by key", () => {
    const { runs } = define(`
project: top
python: python3.12
defaults: { project: base, env: local, timeout: 1h, tags: [t], params: { a: { x: 1, y: 2 }, b: [1] }, cwd: sub, environment: { A: "1", B: "1" } }
runs:
  k: { pipeline: p, env: prod, timeout: 30s, params: { a: { y: 3 }, b: [2] } }
  c: { command: [ls], environment: { B: "2" } }
  m: { module: ../lib/score.ts, params: { a: { z: 4 } } }
  n: { module: "\${matrix.kind}.ts", matrix: { kind: [a, b] }, sources: [data/*.json], outputs: { x: out/x.json } }
`);
    expect(runs[0]).toMatchObject({
      project: "/w/base",
      python: "python3.12",
      env: "prod",
      timeoutMs: 30_000,
      filters: { tags: ["t"] },
      params: { a: { x: 1, y: 3 }, b: [2] },
    });
    expect(runs[1]).toMatchObject({ cwd: "/w/sub", timeoutMs: 3_600_000, environment: { A: "1", B: "2" } });
    const params = { a: { x: 1, y: 2, z: 4 }, b: [1] };
    expect(runs[2]).toMatchObject({
      kind: "module",
      cwd: "/w/sub",
      module: { path: "/lib/score.ts", params },
    });
    expect(runs[3]).toMatchObject({
      module: { path: "/w/${matrix.kind}.ts" },
      sources: ["/w/data/*.json"],
      outputs: { x: { path: "/w/sub/out/x.json" } },
    });
  });

  test("has absolute paths, and URLs as they are", () => {
    const { project, store, remote_stores, runs } = define(`
project: ../churn
python: .venv/bin/python
store: s3://bucket/data
runs:
  k: { pipeline: p, conf_source: conf.tar.gz }
  c: { command: [ls], cwd: /abs/work, outputs: { zip: dist/a.zip } }
  e: { command: [ls], cwd: "\${env:WORK}/x", outputs: { zip: "\${matrix.n}/../a.zip" }, matrix: { n: [1, 2] } }
`);
    expect({ project, store }).toEqual({ project: "/churn", store: null });
    expect(remote_stores).toEqual({ s3: "s3://bucket/data" });
    expect(runs[0]).toMatchObject({ project: "/churn", python: "/w/.venv/bin/python", conf_source: "/w/conf.tar.gz" });
    expect(runs[1]).toMatchObject({ cwd: "/abs/work", outputs: { zip: { path: "/abs/work/dist/a.zip" } } });
    expect(runs[2]).toMatchObject({
      cwd: `/w/\${env:WORK}/x`,
      outputs: { zip: { path: `/w/\${env:WORK}/x/\${matrix.n}/../a.zip` } },
    });
  });

  test("keeps a matrix in the order of the file", () => {
    const { runs } = define(`
runs:
  m:
    command: [ls, "\${matrix.extra}"]
    matrix: { z: [3, one, true, null], a: [{ deep: 1 }], include: [{ z: 4, extra: x }], exclude: [{ z: 3 }] }
  n: { command: [ls], consumes: {}, needs: [m] }
`);
    expect(runs[0]?.matrix).toEqual({
      axes: { z: [3, "one", true, null], a: [{ deep: 1 }] },
      include: [{ z: 4, extra: "x" }],
      exclude: [{ z: 3 }],
    });
    expect(Object.keys(runs[0]?.matrix?.axes ?? {})).toEqual(["z", "a"]);
  });

  test("takes the project of its runs if it names none itself", () => {
    expect(define("runs: { a: { pipeline: p, project: q } }\n").project).toBe("/w/q");
  });

  test("leaves a shell its own expansions", () => {
    const text = `
runs:
  s: { command: 'echo \${HOME:-x} \${#A} \${outputs.o.path}', shell: true, outputs: [o] }
  t: { command: [/bin/bash, -c, 'echo \${1}'] }
`;
    expect(listProblems(checkText(text))).toEqual([]);
  });
});

describe("parseWorkflow", () => {
  const context = { file: null, dir: "/w", locate: () => null };

  test("names a script's workflow, which has no file", () => {
    const checked = parseWorkflow({ runs: { a: { command: ["ls"], timeout: undefined } } }, context);
    expect(checked).toMatchObject({ ok: true, value: { name: "workflow", file: null } });
  });

  test("refuses what is no JSON, and says where it is not", () => {
    const runs = { a: { pipeline: "p", project: ".", params: { d: new Date(0), f: () => 1, m: new Map(), n: 1n } } };
    const checked = parseWorkflow({ runs }, context);
    expect(checked.ok ? [] : checked.problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "not-json: a Date can't be part of a workflow",
      "not-json: a function can't be part of a workflow",
      "not-json: a Map can't be part of a workflow",
      "not-json: a bigint can't be part of a workflow",
    ]);
  });

  test("refuses a value that holds itself", () => {
    const params: Record<string, unknown> = {};
    params.left = params;
    params.right = params;
    const checked = parseWorkflow({ runs: { a: { pipeline: "p", project: ".", params } } }, context);
    expect(listProblems(checked)).toEqual([" not-json", " not-json"]);
  });

  test("asks for variables only if it is given an environment", () => {
    const input = { runs: { a: { command: ["echo", `\${env:TOKEN}`] } } };
    expect(parseWorkflow(input, context).ok).toBe(true);
    expect(parseWorkflow(input, { ...context, env: { TOKEN: "" } }).ok).toBe(true);
    expect(listProblems(parseWorkflow(input, { ...context, env: {} }))).toEqual([" unset-variable"]);
  });

  test("changes nothing of its input", () => {
    const input = { runs: { a: { pipeline: "p", project: ".", params: { x: [1, { y: 2 }] } } } };
    const before = structuredClone(input);
    parseWorkflow(input, context);
    expect(input).toEqual(before);
  });
});

test("one name stands for a list of it", () => {
  const of = (names: (name: string) => unknown) => ({
    publish: names("table"),
    floating: names("log"),
    runs: {
      prep: { pipelines: names("p"), tags: names("t"), nodes: names("n"), outputs: names("table"), project: "." },
      copy: { command: ["cp"], needs: names("prep"), outputs: names("page"), sources: names("a.py") },
      more: { command: ["cp"], retries: { max: 1, on: names("OSError") } },
    },
  });
  const read = (workflow: object) => {
    const { locate: _, ...definition } = define(JSON.stringify(workflow));
    return definition;
  };
  expect(read(of((name) => name))).toEqual(read(of((name) => [name])));
});

test("a worker may wait a day at most, and a command has none", () => {
  const file = "project: p\ndefaults: { keep_worker: 25h }\nruns: { a: { pipeline: p, keep_worker: soon } }\n";
  expect(listProblems(checkText(file))).toEqual(["2:26 invalid-duration", "3:40 invalid-duration"]);
  expect(listProblems(checkText("runs: { a: { command: [ls], keep_worker: 1m } }\n"))).toEqual(["1:29 unknown-key"]);
});

/** Names of the runs of a wrong file that have no part in what is wrong; null if that is not known. */
function listSound(text: string): string[] | null {
  const checked = checkText(text);
  if (checked.ok) throw new Error("nothing is wrong");
  return checked.sound?.runs.map(({ name }) => name) ?? null;
}

const GOOD = "good: { command: [ls] }";

test.each([
  ["a fault of one run", `runs: { bad: { command: [ls], timeout: soon }, ${GOOD} }`, ["good"]],
  [
    "runs that need it, over others too",
    `runs: { c: { command: [ls], consumes: { x: b } }, b: { command: [ls], needs: bad, outputs: [x] }, bad: { comand: [ls] }, ${GOOD} }`,
    ["good"],
  ],
  ["a run that needs one that is not there", `runs: { bad: { command: [ls], needs: nobody }, ${GOOD} }`, ["good"]],
  ["a run that is no mapping", `runs: { bad: 1, ${GOOD} }`, ["good"]],
  ["a fault at the top", `max_paralel: 1\nruns: { ${GOOD} }`, null],
  ["a fault of the defaults", `defaults: { timeout: soon }\nruns: { ${GOOD} }`, null],
  ["a missing project, which may be that of all", `runs: { a: { pipeline: a }, b: { pipeline: b }, ${GOOD} }`, null],
  ["faults of all runs", "runs: { a: { comand: [ls] } }", null],
])("%s leaves the others to be looked at further", (_, text, names) => {
  expect(listSound(`${text}\n`)).toEqual(names);
});
