import { describe, expect, test } from "vitest";
import { describeResources, formatMemory, parseBytes } from "../../src/core/resources.ts";

describe("amounts of memory", () => {
  test.each([
    ["500MB", 5e8],
    ["2GB", 2e9],
    ["2 GiB", 2 ** 31],
    ["1.5 KB", 1500],
    ["1.5gb", null],
    ["64KiB", 65_536],
    ["10B", 10],
    ["2", null],
    ["GB", null],
    ["-1GB", null],
    ["2 PB", null],
    ["1e9B", null],
  ])("%s", (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  test.each([
    [2e9, "2 GB"],
    [2 ** 31, "2 GiB"],
    [1.5e9, "1.5 GB"],
    [5e8, "500 MB"],
    [12, "12 B"],
  ])("%d bytes are %s", (bytes, text) => expect(formatMemory(bytes)).toBe(text));
});

test("resources are told without those of which there are none", () => {
  expect(describeResources({ cpu: 1, memory: 0, gpu: 1 })).toBe("1 CPU, 1 GPU");
  expect(describeResources({ cpu: 0, memory: 0, gpu: 0 })).toBe("");
});
