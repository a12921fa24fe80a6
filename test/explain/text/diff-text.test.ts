import { describe, expect, it } from "vitest";
import type { Difference } from "../../../src/explain/diff-run.ts";
import { toDiffText } from "../../../src/explain/text/diff-text.ts";

const slower: Difference = { part: "durations", key: "run_ms", a: 100, b: 900 };
const other: Difference = { part: "outputs", key: "t.hash", a: "sha256:1", b: "sha256:2" };
const param: Difference = { part: "params", key: "x", a: 1, b: 2 };

function renderDifferences(...differences: Difference[]): string {
  const [first_cause = null] = differences.filter(({ part }) => part === "params").map((d) => ({ ...d, run: "prep" }));
  const runs = differences.length === 0 ? [] : [{ run: "prep", a: { run_id: "1" }, b: { run_id: "2" }, differences }];
  return toDiffText({ a: "1", b: "2", runs, compared: 1, only_a: [], only_b: [], first_cause });
}

describe("the line that says why", () => {
  it.each([
    ["nothing differs\n", []],
    ["only the durations differ\n", [slower]],
    ["first cause: unknown; the difference comes from chance", [slower, other]],
    ["first cause: params of prep: x: 1 -> 2  (+1)\n", [param, other, slower]],
  ])("is %j", (line, differences) => {
    expect(renderDifferences(...differences)).toContain(line);
  });
});

it("says that a parameter that a run is not given is the project's, and one that the project has not is none", () => {
  const given: Difference = { part: "params", key: "min_seconds", a: null, b: 10 };
  expect(renderDifferences(given)).toContain("min_seconds: (the project's) -> 10");
  expect(renderDifferences(given)).toContain("1 of 1 run differs");
  expect(renderDifferences({ ...given, b: "a".repeat(16) })).toContain("min_seconds: - -> aaaa");
});

it("calls a file of data that a command names a file, apart from its code", () => {
  const [code, file] = ["export.py", "raw/in.csv"].map((key): Difference => ({ part: "code", key, a: "1", b: "2" }));
  const text = renderDifferences(code as Difference, file as Difference);
  expect(text).toContain("\n  * code        export.py: 1 -> 2\n  * file        raw/in.csv: 1 -> 2\n");
});

describe("long values", () => {
  const argv = (...words: string[]): string[] => ["sh", "-c", `${"step && ".repeat(30)}true`, ...words];
  const told = (a: Difference["a"], b: Difference["b"]) =>
    renderDifferences({ part: "command", key: "argv", a, b })
      .split("\n")
      .find((line) => line.includes("* command")) ?? "";

  it("are shown where they differ", () => {
    expect(told(argv("--fast", "out.csv"), argv("--slow", "out.csv"))).toMatch(
      /argv: ….{0,20}true", "--fast", "out.csv"] -> ….{0,20}true", "--slow", "out.csv"]$/,
    );
  });

  it("are clipped if all of them differs", () => {
    expect(told(["x".repeat(5_000)], ["y".repeat(5_000)]).length).toBeLessThan(400);
  });

  it("have spaces where a line can be folded", () => {
    expect(told(["cp", "a"], ["mv", "a"])).toContain('argv: ["cp", "a"] -> ["mv", "a"]');
  });
});
