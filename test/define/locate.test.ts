import { describe, expect, test } from "vitest";
import type { KeyPath } from "../../src/define/definition.ts";
import { readJson } from "../../src/define/source/json-source.ts";
import type { Part } from "../../src/define/source/source.ts";
import { readYaml } from "../../src/define/source/yaml-source.ts";

const YAML = `# a comment
name: churn
runs:
  prep:
    pipeline: p
    needs: [a, "b"]
    env:
  train: &t
    params: { "a b": 1, c: { d: 2 } }
  other: *t
`;

const JSON_TEXT = `{
  "name": "churn",
  "runs": {
    "prep": {
      "pipeline": "p", "needs": ["a", "b"],
      "é\\u0041": [{"x": 1}, [2, 3]]
    }
  }
}`;

function locateIn(text: string, path: KeyPath, part?: Part): string {
  const source = text.startsWith("{") ? readJson(text, "f") : readYaml(text, "f");
  if (!source.ok) throw new Error("the text has to be right");
  const location = source.value.locate(path, part);
  return `${location?.line}:${location?.column}`;
}

describe("locate", () => {
  test.each<[string, KeyPath, Part, string]>([
    ["the file", [], "value", "2:1"],
    ["a scalar", ["name"], "value", "2:7"],
    ["its key", ["name"], "key", "2:1"],
    ["a mapping, at its key", ["runs", "prep"], "value", "4:3"],
    ["a list, at its key", ["runs", "prep", "needs"], "value", "6:5"],
    ["an item", ["runs", "prep", "needs", 1], "value", "6:16"],
    ["a value that is missing, at its key", ["runs", "prep", "env"], "value", "7:5"],
    ["a quoted key", ["runs", "train", "params", "a b"], "key", "9:15"],
    ["what is not there, at what encloses it", ["runs", "prep", "outputs", 3], "value", "4:3"],
    ["below a scalar, at the scalar", ["name", "x"], "value", "2:7"],
    ["through an alias, what it stands for", ["runs", "other", "params", "c", "d"], "value", "9:33"],
  ])("finds in YAML %s", (_what, path, part, place) => {
    expect(locateIn(YAML, path, part)).toBe(place);
  });

  test.each<[string, KeyPath, Part, string]>([
    ["the file", [], "value", "1:1"],
    ["a scalar", ["name"], "value", "2:11"],
    ["its key", ["name"], "key", "2:3"],
    ["a mapping, at its key", ["runs", "prep"], "value", "4:5"],
    ["an item", ["runs", "prep", "needs", 1], "value", "5:39"],
    ["a key with an escape", ["runs", "prep", "éA", 0, "x"], "value", "6:25"],
    ["an item of a list in a list", ["runs", "prep", "éA", 1, 1], "value", "6:33"],
    ["what is not there, at what encloses it", ["runs", "prep", "outputs"], "value", "4:5"],
    ["below a scalar, at the scalar", ["name", "x"], "value", "2:11"],
  ])("finds in JSON %s", (_what, path, part, place) => {
    expect(locateIn(JSON_TEXT, path, part)).toBe(place);
  });

  test("finds each of 20,000 runs in a JSON text", () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `"r${index}": {"command": ["ls"]}`);
    const source = readJson(`{"runs": {\n${lines.join(",\n")}\n}}`, "f");
    if (!source.ok) throw new Error("the text has to be right");
    const { locate } = source.value;
    const found = lines.map((_, index) => locate(["runs", `r${index}`, "command", 0])?.line);
    expect(found).toEqual(lines.map((_, index) => index + 2));
  });
});
