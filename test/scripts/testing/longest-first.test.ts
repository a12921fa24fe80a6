import { globSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import type { TestSpecification, Vitest } from "vitest/node";
import { LONGEST, LongestFirst } from "../../../scripts/testing/longest-first.ts";

const root = path.join(import.meta.dirname, "../../..");
const files = globSync("test/**/*.test.ts", { cwd: root });

it.each(LONGEST)("%s is the beginning of a test file's path", (beginning) => {
  expect(files.some((file) => file.startsWith(beginning))).toBe(true);
});

it("begins with what takes longest, and ends with the files that share a process", async () => {
  const spec = (file: string, isolate: boolean) => ({
    moduleId: path.join(root, file),
    project: { name: isolate ? "parts" : "stages", config: { isolate, sequence: { groupOrder: 0 } } },
  });
  const given = [
    spec("test/plan/graph.test.ts", false),
    spec("test/scripts/testing/longest-first.test.ts", true),
    spec("test/hostile/trash.test.ts", true),
    spec("test/e2e/chaos.test.ts", true),
  ];
  const context = { config: { root }, cache: { getTestSpecificationResult: () => undefined } };
  const sorted = await new LongestFirst(context as unknown as Vitest).sort(given as unknown as TestSpecification[]);
  expect(sorted).toEqual(given.toReversed());
});
