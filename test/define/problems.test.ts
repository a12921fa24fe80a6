import { describe, expect, test } from "vitest";
import { readCases } from "./read-cases.ts";
import { checkText, describeProblems, listProblems } from "./read-text.ts";

describe.each(["header", "runs", "edges", "injects", "matrices", "resources", "substitutions", "yaml"])(
  "problems of YAML: %s",
  (name) => {
    test.each(readCases(name))("finds $title", ({ text, found }) => {
      expect(describeProblems(checkText(text))).toEqual(found);
    });
  },
);

describe("problems of JSON", () => {
  test.each(readCases("json"))("finds $title", ({ text, found }) => {
    expect(describeProblems(checkText(text, "json"))).toEqual(found);
  });
});

describe("cycles", () => {
  test("are told with the whole path, at the edge that closes them", () => {
    const text =
      "runs:\n  a: { command: [ls], needs: [b] }\n  b: { command: [ls], needs: [c] }\n  c: { command: [ls], needs: [a] }\n";
    const checked = checkText(text);
    expect(listProblems(checked)).toEqual(["4:31 cycle"]);
    expect(checked.ok ? [] : checked.problems.map(({ message }) => message)).toEqual([
      "a -> b -> c -> a: each of these runs waits for the next",
    ]);
  });

  test("are each told once, though two datasets close them", () => {
    const text = `runs:
  a: { command: [ls], outputs: [x, y], consumes: { z: b } }
  b: { command: [ls], outputs: [z], consumes: { x: a, y: a } }
`;
    expect(listProblems(checkText(text))).toEqual(["3:52 cycle"]);
  });

  test("are told of 20 at most", () => {
    const runs = Array.from({ length: 100 }, (_, index) => `  r${index}: { command: [ls], needs: [r${index}] }`);
    expect(listProblems(checkText(`runs:\n${runs.join("\n")}\n`))).toHaveLength(20);
  });
});

describe("many problems", () => {
  const runs = Array.from({ length: 500 }, (_, index) => `  r${index}: { command: [ls], oops: 1 }`);

  test("end after 200 with how many more there are", () => {
    const checked = checkText(`runs:\n${runs.join("\n")}\n`);
    expect(checked.ok ? [] : checked.problems.map(({ message }) => message).slice(-1)).toEqual(["and 300 more"]);
    expect(listProblems(checked)).toHaveLength(201);
  });

  test("stand in the order of the file, whoever found them", () => {
    const text = "runs:\n  b: { command: [ls], needs: [zz] }\n  a: { command: ls }\n  a: {}\nnmae: x\n";
    expect(listProblems(checkText(text))).toEqual([
      "2:31 unknown-run",
      "3:17 invalid-command",
      "4:3 duplicate-run",
      "5:1 unknown-key",
    ]);
  });
});
