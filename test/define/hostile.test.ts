import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkText, define, listProblems } from "./read-text.ts";

describe("a hostile file", () => {
  test.each([
    ["lists in JSON", "[".repeat(10_000), "json" as const, ["1:101 too-deep"]],
    ["mappings in JSON", '{"a":'.repeat(10_000), "json" as const, ["1:501 too-deep"]],
    ["flow lists in YAML", "[".repeat(10_000), "yaml" as const, ["1:103 too-deep"]],
    ["block lists in YAML", "- ".repeat(10_000), "yaml" as const, ["1:204 too-deep"]],
  ])("nested 10,000 deep is one problem: %s", (_what, text, format, found) => {
    expect(listProblems(checkText(text, format))).toEqual(found);
  });

  test("may nest a parameter deeply, but not too deeply", () => {
    const nest = (depth: number): string =>
      `{"runs":{"a":{"pipeline":"p","project":".","params":{"x":${"[".repeat(depth)}${"]".repeat(depth)}}}}}`;
    expect(listProblems(checkText(nest(90), "json"))).toEqual([]);
    expect(listProblems(checkText(nest(90), "yaml"))).toEqual([]);
    expect(listProblems(checkText(nest(97), "json"))).toHaveLength(1);
    expect(listProblems(checkText(nest(97), "yaml"))).toHaveLength(1);
  });

  test("with aliases of aliases of aliases stops after 100,000 values", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 12; level++) lines.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`);
    expect(listProblems(checkText(`${lines.join("\n")}\nruns: {}\n`))).toEqual([
      expect.stringContaining("too-many-aliases"),
    ]);
  });

  test("with an alias of itself ends", () => {
    expect(listProblems(checkText("runs: &r { a: *r }\n"))).toContainEqual(expect.stringContaining("too-"));
  });

  test.each([
    ["yaml" as const, "{ params: { __proto__: { polluted: 1 } }, pipeline: p, project: . }"],
    ["json" as const, '{ "params": { "__proto__": { "polluted": 1 } }, "pipeline": "p", "project": "." }'],
  ])("does not reach the prototype of objects: %s", (format, run) => {
    const text = format === "yaml" ? `runs: { a: ${run} }\n` : `{"runs": {"a": ${run}}}`;
    expect(listProblems(checkText(text, format))).toEqual([expect.stringContaining("reserved-key")]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test("brings merge keys back by no directive", () => {
    expect(listProblems(checkText("%YAML 1.1\n---\nruns: { a: { <<: { command: [ls] } } }\n"))).toContain(
      "3:14 merge-key",
    );
  });

  test("may have a line of a megabyte", () => {
    const argument = "x".repeat(1_000_000);
    expect(define(`runs: { a: { command: [echo, "${argument}"] } }\n`).runs[0]).toMatchObject({
      argv: ["echo", argument],
    });
    expect(define(`{"runs":{"a":{"command":["echo","${argument}"]}}}`, "json").runs[0]).toMatchObject({
      argv: ["echo", argument],
    });
  });

  test("is answered once for a hundred thousand repeated keys", () => {
    const text = `{"runs":{${'"a":{},'.repeat(100_000)}"b":{"command":["ls"]}}}`;
    const checked = checkText(text, "json");
    expect(listProblems(checked)).toHaveLength(201);
  });

  test("in YAML with 3,000 keys that differ is read in a time that grows with its length", () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `  r${index}: { command: [ls] }`);
    expect(define(`runs:\n${lines.join("\n")}\n`).runs).toHaveLength(3000);
  });
});

const SEED = `name: churn
project: ./p
defaults: { env: base, timeout: 1h }
runs:
  prep: { pipeline: q, outputs: [t] }
  train:
    pipeline: r
    matrix: { seed: [1, 2], include: [{ seed: 3 }] }
    params: { a: "\${matrix.seed}" }
    consumes: { t: { run: prep, as: downstream } }
  done: { command: [ls, "\${inputs.t.path}"], consumes: { t: prep }, needs: [train] }
`;

describe("any file", () => {
  const checks = (text: string): void => {
    for (const format of ["yaml", "json"] as const) {
      const checked = checkText(text, format);
      if (!checked.ok) expect(checked.problems.length).toBeGreaterThan(0);
    }
  };

  test("of random characters is answered", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), checks), { numRuns: 500 });
  });

  test("of YAML's and JSON's own marks is answered", () => {
    const mark = fc.constantFrom(..."[]{}:,-?&*!|>'\"%@`# \n\t$", "a", "1", "${", "<<", "---", "runs:", "\\u0000");
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 60 }), (marks) => checks(marks.join(""))),
      { numRuns: 1000 },
    );
  });

  test("that was right before a few characters changed is answered", () => {
    const edit = fc.tuple(
      fc.nat(SEED.length),
      fc.nat(3),
      fc.constantFrom("", " ", "\n", ":", "{", "}", "[", "- ", '"', "x", "&a", "*a"),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        checks(
          edits.reduce((text, [at, dropped, added]) => text.slice(0, at) + added + text.slice(at + dropped), SEED),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("with a part replaced by any JSON is answered", () => {
    const { runs: _, ...rest } = { runs: null };
    const path = fc.constantFrom(
      ["runs"],
      ["defaults"],
      ["runs", "a"],
      ["runs", "a", "matrix"],
      ["runs", "a", "consumes"],
      ["runs", "a", "outputs"],
      ["publish"],
    );
    fc.assert(
      fc.property(path, fc.jsonValue(), (steps, value) => {
        const input: Record<string, unknown> = {
          ...rest,
          project: ".",
          runs: { a: { pipeline: "p" }, b: { command: ["ls"] } },
        };
        let place = input;
        for (const step of steps.slice(0, -1)) place = place[step] as Record<string, unknown>;
        place[steps.at(-1) ?? ""] = value;
        checks(JSON.stringify(input));
      }),
      { numRuns: 500 },
    );
  });
});
