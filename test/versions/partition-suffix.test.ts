import { expect, test } from "vitest";
import { partitionSuffix } from "../../src/versions/partition-suffix.ts";

const inner = { type: "text.TextDataset" };

test.each([
  ["a file", { filepath: "/d/a.txt" }, ""],
  ["a folder of partitions", { path: "/d", dataset: inner, filename_suffix: ".txt" }, ".txt"],
  ["one without a suffix", { path: "/d", dataset: inner }, ""],
  ["a folder that is one thing", { path: "/d", filename_suffix: ".txt" }, ""],
  ["one that another wraps", { dataset: { path: "/d", dataset: inner, filename_suffix: ".txt" } }, ".txt"],
  ["arguments that look like one", { load_args: { path: "/d", dataset: inner, filename_suffix: ".txt" } }, ""],
])("the suffix of the files of %s", (_, config, suffix) => {
  expect(partitionSuffix({ config: { type: "x", ...config }, versioned: false })).toBe(suffix);
});

test("what no Kedro run wrote is all that is there", () => {
  expect(partitionSuffix(null)).toBe("");
});
