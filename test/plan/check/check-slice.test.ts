import { describe, expect, test } from "vitest";
import type { Problem } from "../../../src/core/error/problem.ts";
import type { SliceFacts } from "../../../src/core/project-facts.ts";
import type { RunDefinition } from "../../../src/define/definition.ts";
import { from, makeKedro, makeMatrix, makeWorkflow } from "../../rig/make-definition.ts";
import { IN_MEMORY, makeSlice, planWith } from "../make-facts.ts";

function problemsOf(runs: RunDefinition[], facts: Record<string, SliceFacts>, floating: string[] = []): Problem[] {
  const plan = planWith(makeWorkflow(runs, { floating }), facts);
  return plan.ok ? plan.warnings : plan.problems;
}

function summarize(problems: Problem[]): string[] {
  return problems.map(({ code, severity, location, message, hint }) => {
    return `${severity} ${code} ${location?.file}: ${message}${hint === null ? "" : ` | ${hint}`}`;
  });
}

const prep = makeKedro("prep", { outputs: ["table"] });
const prepSlice = makeSlice({ inputs: ["raw"], outputs: ["table"] });

describe("a run that fits its slice", () => {
  test("has no problem", () => {
    const train = makeKedro("train", { consumes: { table: from("prep", "table") }, outputs: ["model"] });
    const facts = { prep: prepSlice, train: makeSlice({ inputs: ["table"], outputs: ["model"] }) };
    expect(problemsOf([prep, train], facts)).toEqual([]);
  });

  test("is not checked without facts", () => {
    const train = makeKedro("train", { consumes: { anything: from("prep", "table") }, outputs: ["nothing"] });
    expect(problemsOf([prep, train], {})).toEqual([]);
  });
});

describe("what is consumed", () => {
  const cases: [string, Parameters<typeof makeSlice>[0], string[]][] = [
    [
      "is not read, but something like it",
      { inputs: ["tables"] },
      [
        'error not-read runs/train/consumes/table: train consumes "table", which no node of it reads | did you mean "tables"?',
      ],
    ],
    [
      "is not read",
      { inputs: ["zzz", "yyy"] },
      [
        'error not-read runs/train/consumes/table: train consumes "table", which no node of it reads | it reads zzz, yyy',
      ],
    ],
    [
      "is not read, as nothing is",
      { outputs: ["q"] },
      [
        'error not-read runs/train/consumes/table: train consumes "table", which no node of it reads | it reads nothing',
      ],
    ],
    [
      "is made by the slice itself",
      { inputs: ["raw"], outputs: ["table"] },
      [
        'error written-by-itself runs/train/consumes/table: train consumes "table", which it writes itself | leave the node that writes it out of the run',
      ],
    ],
    [
      "is made by the slice itself in another format",
      { inputs: ["raw"], outputs: ["table@csv"] },
      [
        'error written-by-itself runs/train/consumes/table: train consumes "table", which it writes itself | leave the node that writes it out of the run',
      ],
    ],
    ["is read in two formats", { inputs: ["table@a", "table@b"] }, []],
  ];
  test.each(cases)("%s", (_, slice, problems) => {
    const train = makeKedro("train", { consumes: { table: from("prep", "table") } });
    expect(summarize(problemsOf([prep, train], { prep: prepSlice, train: makeSlice(slice) }))).toEqual(problems);
  });

  test("as two formats of one file has to come from one dataset", () => {
    const other = makeKedro("other", { outputs: ["table"] });
    const slice = makeSlice({ inputs: ["table@a", "table@b"] });
    const facts = { prep: prepSlice, other: makeSlice({ outputs: ["table"] }), train: slice };
    const consume = (run: string) =>
      makeKedro("train", { consumes: { "table@a": from("prep", "table"), "table@b": from(run, "table") } });
    expect(problemsOf([prep, other, consume("other")], facts).map(({ code }) => code)).toContain("sibling-conflict");
    expect(problemsOf([prep, consume("prep")], facts)).toEqual([]);
  });
});

describe("what is declared", () => {
  test.each<[string, string[], string[]]>([
    [
      "is not written, but something like it",
      ["modle", "model"],
      [
        'error not-written runs/train/outputs/0: train declares the output "modle", which no node of it writes | did you mean "model"?',
      ],
    ],
    [
      "is not written",
      ["zzz"],
      [
        'error not-written runs/train/outputs/0: train declares the output "zzz", which no node of it writes | it writes model, t@csv',
      ],
    ],
    ["is written in some format", ["t"], []],
    [
      "is written in another format",
      ["t@spark"],
      [
        'error not-written runs/train/outputs/0: train declares the output "t@spark", which no node of it writes | it writes model, t@csv',
      ],
    ],
  ])("%s", (_, outputs, problems) => {
    const facts = { train: makeSlice({ inputs: [], outputs: ["model", "t@csv"] }) };
    expect(summarize(problemsOf([makeKedro("train", { outputs })], facts))).toEqual(problems);
  });

  test("is said once of all arms that lack it", () => {
    const train = makeKedro("train", { outputs: ["x"], matrix: makeMatrix({ seed: [1, 2, 3] }) });
    const problems = summarize(problemsOf([train], { train: makeSlice({ outputs: ["model"] }) }));
    expect(problems).toEqual([
      'error not-written runs/train/outputs/0: train[seed=1] declares the output "x", which no node of it writes (and 2 more like it) | it writes model',
    ]);
  });
});

describe("what is read and not consumed", () => {
  const versioned = { versioned: true };
  test("and versioned needs a version", () => {
    const facts = { train: makeSlice({ inputs: ["seen"], datasets: { seen: versioned } }) };
    expect(summarize(problemsOf([makeKedro("train")], facts))).toEqual([
      'error no-version runs/train/pipeline: train reads "seen", and there is no version of it | make one first, or list it under `floating`',
    ]);
    expect(problemsOf([makeKedro("train")], facts, ["seen"])).toEqual([]);
  });

  test("and versioned may be made by a run that could be consumed from", () => {
    const facts = {
      prep: makeSlice({ outputs: ["table"], datasets: { table: versioned } }),
      train: makeSlice({ inputs: ["table"], datasets: { table: versioned } }),
    };
    expect(summarize(problemsOf([prep, makeKedro("train")], facts))).toEqual([
      'error no-version runs/train/pipeline: train reads "table", and there is no version of it | consumes: { table: prep }',
    ]);
    const undeclared = problemsOf([makeKedro("prep"), makeKedro("train")], facts);
    expect(undeclared.map(({ hint }) => hint)).toEqual([
      'consumes: { table: prep }, and declare it among the outputs of "prep"',
    ]);
  });

  test("is not sought from a run that waits for the reader", () => {
    const facts = {
      train: makeSlice({ inputs: ["table"], datasets: { table: versioned } }),
      late: makeSlice({ outputs: ["table"], datasets: { table: versioned } }),
    };
    const [problem] = problemsOf(
      [makeKedro("train"), makeKedro("late", { needs: ["train"], outputs: ["table"] })],
      facts,
    );
    expect(problem?.hint).toBe("make one first, or list it under `floating`");
  });

  test("and in no catalog is a warning, since a hook may add it", () => {
    const facts = {
      prep: makeSlice({ outputs: ["table"], datasets: { table: IN_MEMORY } }),
      train: makeSlice({ inputs: ["table", "odd"], datasets: { table: IN_MEMORY, odd: IN_MEMORY } }),
    };
    expect(summarize(problemsOf([prep, makeKedro("train")], facts))).toEqual([
      'warning no-source runs/train/pipeline: train reads "table", which is in no catalog and is not consumed | consumes: { table: prep }',
      'warning no-source runs/train/pipeline: train reads "odd", which is in no catalog and is not consumed | add it to the catalog, or give it: `consumes: { odd: ... }` with a run, a `file` or a `value`; or a hook provides it',
    ]);
  });
});

describe("what the project says", () => {
  const facts = (code: string) => {
    const problem = { code, message: "there is no such thing", hint: "did you mean 'that'?" };
    return { train: makeSlice({ problems: [problem] }) };
  };
  test("is passed on alone, with its code", () => {
    const train = makeKedro("train", { outputs: ["x"], matrix: makeMatrix({ seed: [1, 2] }) });
    expect(summarize(problemsOf([train], facts("unknown-pipeline")))).toEqual([
      "error unknown-pipeline runs/train/pipeline: train[seed=1]: there is no such thing (and 1 more like it) | did you mean 'that'?",
    ]);
  });

  test.each([
    ["unknown-pipeline", "pipeline: [a]", "pipeline"],
    ["unknown-pipeline", "pipelines", "pipelines"],
    ["unknown-node", "to_nodes", "to_nodes"],
    ["unknown-tag", "tags", "tags"],
    ["unknown-namespace", "namespaces", "namespaces"],
    ["unknown-dataset", "to_outputs", "to_outputs"],
    ["empty-slice", "pipeline", "pipeline"],
    ["catalog", "env", "env"],
    ["unknown-tag", "nothing of it", "train"],
  ])("%s stands at the key that the run has: %s", (code, present, expected) => {
    const keys = ["train", present.split(":")[0]];
    const workflow = makeWorkflow([makeKedro("train")], {
      // Line 1 is the run; a key that the file lacks is where the run is.
      locate: (path) => {
        const known = path.filter((key) => keys.includes(String(key)));
        return { file: String(known.at(-1)), line: known.length, column: 1 };
      },
    });
    const plan = planWith(workflow, facts(code));
    expect(plan.ok ? [] : plan.problems.map(({ location }) => location?.file)).toEqual([expected]);
  });
});

test("a parameter that nobody reads is warned of, and keeps nothing else from being checked", () => {
  const problem = { code: "unread-parameter", message: "no parameter is called 'sede'", hint: null };
  const train = makeKedro("train", { outputs: ["nothing"] });
  expect(summarize(problemsOf([train], { train: makeSlice({ outputs: ["model"], problems: [problem] }) }))).toEqual([
    'error not-written runs/train/outputs/0: train declares the output "nothing", which no node of it writes | it writes model',
    "warning unread-parameter runs/train/params: train: no parameter is called 'sede'",
  ]);
});

test("what a runner can't run stands at the runner, and keeps nothing else from being checked", () => {
  const problems = ["unpicklable-node", "async-generator", "async-ignored"].map((code) => ({
    code,
    message: "no",
    hint: null,
  }));
  const train = makeKedro("train", { outputs: ["nothing"] });
  expect(summarize(problemsOf([train], { train: makeSlice({ outputs: ["model"], problems }) }))).toEqual([
    "error unpicklable-node runs/train/runner: train: no",
    "error async-generator runs/train/async: train: no",
    'error not-written runs/train/outputs/0: train declares the output "nothing", which no node of it writes | it writes model',
    "warning async-ignored runs/train/async: train: no",
  ]);
});
