import { describe, expect, it, test } from "vitest";
import type { Problem } from "../../../src/core/error/problem.ts";
import type { FactProblem } from "../../../src/core/project-facts.ts";
import type { Json, JsonObject } from "../../../src/core/run.ts";
import { makeKedro, makeMatrix, makeWorkflow } from "../../rig/make-definition.ts";
import { makeSlice, planWith } from "../make-facts.ts";

const vain = (code: string, parameter: string): FactProblem => ({
  code: `${code}-parameter`,
  message: `nothing of '${parameter}'`,
  hint: null,
  parameter,
});

/** A file that says the run's own keys at the third level, and nothing else. */
function problemsOf(
  changes: Parameters<typeof makeKedro>[1],
  problems: FactProblem[],
  isInFile: (path: readonly (string | number)[]) => boolean = () => true,
): string[] {
  const workflow = makeWorkflow([makeKedro("train", changes)], {
    locate: (path) => {
      const known = isInFile(path) ? path : path.slice(0, 2);
      return { file: known.join("/"), line: 1, column: known.length };
    },
  });
  const plan = planWith(workflow, { train: makeSlice({ outputs: ["model"], problems }) });
  return (plan.ok ? plan.warnings : plan.problems).map(tell);
}

const tell = ({ severity, code, location, message }: Problem): string =>
  `${severity} ${code} ${location?.file}: ${message}`;

describe("a parameter of a run", () => {
  it.each([
    ["unknown", "error"],
    ["unread", "warning"],
    ["unused", "warning"],
  ])("%s: %s, at its own place", (code, severity) => {
    const found = problemsOf({ params: { model: { sede: 1 } } }, [vain(code, "model.sede")]);
    expect(found).toEqual([
      `${severity} ${code}-parameter runs/train/params/model/sede: train: nothing of 'model.sede'`,
    ]);
  });

  it("that all runs are given, and another one may read, is told of only if the project has it nowhere", () => {
    const isInFile = (path: readonly (string | number)[]) => path[0] === "defaults" || path.length < 3;
    const found = (code: string) => problemsOf({ params: { seed: 1 } }, [vain(code, "seed")], isInFile);
    expect(found("unused")).toEqual([]);
    expect(found("unread")).toEqual(["warning unread-parameter defaults/params/seed: train: nothing of 'seed'"]);
  });

  it("that the command line alone gives it is told of, as it was meant for this run", () => {
    const found = problemsOf({ params: { seed: 1 } }, [vain("unused", "depth")], (path) => path.length < 3);
    expect(found).toEqual(["warning unused-parameter defaults/params: train: nothing of 'depth'"]);
  });
});

describe("an axis of a matrix", () => {
  const matrix = makeMatrix({ alpha: [1, 2] });
  const ERROR = 'runs/train/matrix/alpha: train: the axis "alpha" changes nothing';
  const WHOLE = "${matrix.alpha}";
  const cases: [what: string, params: JsonObject, more: object, code: string, parameter: string, isIdle: boolean][] = [
    ["that no node reads", { alfa: WHOLE }, {}, "unknown", "alfa", true],
    ["that the project has and the slice does not read", { alfa: WHOLE }, {}, "unused", "alfa", true],
    ["that is within a text", { name: "a-${matrix.alpha}" }, {}, "unread", "name", true],
    ["that is deep in a mapping", { model: { sub: { alfa: [WHOLE] } } }, {}, "unused", "model.sub", true],
    ["that another parameter has too", { alfa: WHOLE, beta: WHOLE }, {}, "unused", "alfa", false],
    ["that chooses the pipeline too", { alfa: WHOLE }, { pipeline_names: [`p${WHOLE}`] }, "unused", "alfa", false],
    ["that is no part of what is not read", { alfa: 1, beta: WHOLE }, {}, "unused", "alfa", false],
  ];

  it.each(cases)("%s", (_, params, more, code, parameter, isIdle) => {
    const found = problemsOf({ matrix, params, ...more }, [vain(code, parameter)]);
    expect(found.filter((each) => each.startsWith("error"))).toEqual(
      isIdle ? [`error ${code}-parameter ${ERROR}: nothing of '${parameter}' (and 1 more like it)`] : [],
    );
  });

  test("is told of once, however many arms it makes", () => {
    const axes: Record<string, Json[]> = { alpha: [1, 2, 3], beta: [1, 2] };
    const params = { alfa: WHOLE, beta: "${matrix.beta}" };
    expect(problemsOf({ matrix: makeMatrix(axes), params }, [vain("unused", "alfa")])).toHaveLength(1);
  });
});
