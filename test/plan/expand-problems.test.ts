import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/core/error/problem.ts";
import type { Json } from "../../src/core/run.ts";
import type { WorkflowDefinition } from "../../src/define/definition.ts";
import { MAX_ARMS } from "../../src/plan/expand/arm-groups.ts";
import { expandRuns } from "../../src/plan/expand/expand.ts";
import { from, makeCommand, makeKedro, makeMatrix, makeWorkflow } from "../rig/make-definition.ts";

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
        'no-such-variant runs/end/consumes/model/where: "model" should come from train[seed=2,model=forest], but there is no such variant | did you mean train[seed=2,model=forest]?',
      ],
    ],
    [
      "no arm at all like it",
      makeWorkflow(consumer({ seed: 9 })),
      [
        'no-such-variant runs/end/consumes/model/where: "model" should come from train[seed=9], but there is no such variant | the variants are train[seed=1,model=linear], train[seed=1,model=forest], train[seed=2,model=linear], train[seed=2,model=forest]',
      ],
    ],
    [
      "several arms",
      makeWorkflow(consumer({ model: "linear" })),
      [
        'ambiguous-variant runs/end/consumes/model/where: "model" can come from 2 variants of "train": train[seed=1,model=linear], train[seed=2,model=linear] | say more under `where`, until one variant is left',
      ],
    ],
    [
      "all arms, for want of a `where`",
      makeWorkflow([
        makeCommand("train", { matrix: makeMatrix({ seed: [...Array(10).keys()] }) }),
        makeCommand("end", { consumes: { model: from("train", "m") } }),
      ]),
      [
        'ambiguous-variant runs/end/consumes/model/where: "model" can come from 10 variants of "train": train[seed=0], train[seed=1], train[seed=2], train[seed=3], train[seed=4], train[seed=5], train[seed=6], train[seed=7] and 2 more | say more under `where`, until one variant is left',
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
      ['equal-variants runs/a/matrix: the matrix of "a" makes two variants named a[x=1]'],
    ],
    [
      "a matrix without an arm",
      makeWorkflow([makeCommand("a", { matrix: makeMatrix({ x: [1] }, { exclude: [{ x: 1 }] }) })]),
      ['empty-matrix runs/a/matrix: the matrix of "a" has no variant'],
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
    expect(all.map(({ code }) => code)).toEqual(["unset-variable", "no-such-variant"]);
    expect(JSON.stringify(all)).not.toContain("hunter2");
    expect(all[1]?.message).toContain("${env:SECRET}");
  });

  test("more arms than are allowed in all are refused before they are made", () => {
    const wide = [...Array(1000).keys()];
    const huge = makeMatrix({ a: wide, b: wide, c: wide, d: wide });
    const codes = problemsOf(makeWorkflow([makeCommand("a", { matrix: huge })]));
    expect(summarize(codes)).toEqual([
      `too-many-variants runs/a/matrix: the matrix of "a" makes 1000000000000 variants; at most ${MAX_ARMS} are allowed`,
    ]);
    const half = makeMatrix({ a: [...Array(251).keys()], b: [...Array(200).keys()] });
    const two = problemsOf(makeWorkflow([makeCommand("a", { matrix: half }), makeCommand("b", { matrix: half })]));
    expect(two.map(({ code, location }) => [code, location?.file])).toEqual([["too-many-variants", "runs/b/matrix"]]);
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
