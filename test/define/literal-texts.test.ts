import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/core/run.ts";
import { fillVariablesOf } from "../../src/core/variables.ts";
import { env, readLiteralTexts } from "../../src/define/literal-texts.ts";
import { parseWorkflow } from "../../src/define/parse.ts";

const read = (run: JsonObject, hasMatrix = false) => {
  const found = readLiteralTexts({ runs: { a: run } }, { hasMatrix }) as { runs: { a: JsonObject } };
  return found.runs.a;
};

test("only env() refers to a variable, also within a longer text", () => {
  const words = ["x", "${env:TOKEN}", env("TOKEN"), `Bearer ${env("TOKEN")} ${"$"}{env:TOKEN}`, "$${a}"];
  expect(read({ command: words }).command).toEqual([
    ...["x", "$${env:TOKEN}", "${env:TOKEN}", "Bearer ${env:TOKEN} $${env:TOKEN}", "$$${a}"],
  ]);
  expect(() => env("A-B")).toThrow(TypeError);
});

test("names of paths in commands, and of axes in workflows, are references all the same", () => {
  const text = "${inputs.x.path} ${outputs.y.path} ${matrix.k} ${z}";
  const run = { command: [text], params: { p: text }, pipeline: text };
  expect(read(run)).toEqual({
    command: ["${inputs.x.path} ${outputs.y.path} $${matrix.k} $${z}"],
    params: { p: "$${inputs.x.path} $${outputs.y.path} $${matrix.k} $${z}" },
    pipeline: "$${inputs.x.path} $${outputs.y.path} $${matrix.k} $${z}",
  });
  expect(read(run, true)).toMatchObject({
    command: ["${inputs.x.path} ${outputs.y.path} ${matrix.k} $${z}"],
    params: { p: "$${inputs.x.path} $${outputs.y.path} ${matrix.k} $${z}" },
  });
});

test("what is consumed and captured is literal too; where nothing is filled in, texts are left", () => {
  const run = { consumes: { a: { value: ["${env:X}"] }, b: "${b}" }, outputs: { o: "${env:X}.csv" }, needs: ["${n}"] };
  expect(read(run)).toEqual({
    consumes: { a: { value: ["$${env:X}"] }, b: "${b}" },
    outputs: { o: "$${env:X}.csv" },
    needs: ["${n}"],
  });
});

test("whatever a caller passes as a parameter or a word is what the run gets", () => {
  const texts = fc.stringMatching(/^[${}a-z:.]{0,40}$/);
  fc.assert(
    fc.property(texts, (text) => {
      const filled = fillVariablesOf(read({ params: { p: `$\{env:SECRET}${text}` } }).params ?? null, { SECRET: "s" });
      expect(filled).toEqual({ p: `$\{env:SECRET}${text}` });
    }),
  );
});

test("a typo in the name of a path is told of in code as well", () => {
  const runs = { a: { command: ["x", "${output.y.path}"], outputs: ["y"] } };
  const context = { file: null, dir: "/", locate: () => null, literal: "session" as const };
  expect(parseWorkflow({ runs }, context)).toMatchObject({ ok: false, problems: [{ code: "invalid-substitution" }] });
});
