import { expect, test } from "vitest";
import { checkResources } from "../../../src/plan/check/check-resources.ts";
import { expandRuns } from "../../../src/plan/expand/expand.ts";
import { define } from "../../define/read-text.ts";

const CAPACITY = { cpu: 4, memory: 8e9, gpu: 0 };

function check(text: string) {
  const definition = define(text);
  const expanded = expandRuns(definition, {});
  if (!expanded.ok) throw new Error("can't be expanded");
  return checkResources(definition, expanded.value, { ...CAPACITY, ...definition.resources });
}

test("what fits is no problem", () => {
  expect(check("runs: { a: { command: [ls], resources: { cpu: 4, memory: 8GB } }, b: { command: [ls] } }\n")).toEqual(
    [],
  );
});

test("what can never fit is a problem where it is said, and names the machine", () => {
  expect(check("runs: { a: { command: [ls], resources: { cpu: 1, memory: 64GB, gpu: 1 } } }\n")).toMatchObject([
    {
      code: "resources-exceeded",
      message: "a takes 64 GB of memory, and this machine has 8 GB of memory",
      location: { line: 1, column: 58 },
    },
    { message: "a takes 1 GPU, and this machine has no GPU", location: { line: 1, column: 69 } },
  ]);
});

test("the defaults' demand is located in the defaults; the arms of a matrix count as one", () => {
  const text = `resources: { cpu: 2 }
defaults: { resources: { cpu: 3 } }
runs: { a: { command: [ls], matrix: { x: [1, 2] }, resources: { memory: 1GB } } }
`;
  expect(check(text)).toMatchObject([
    {
      message: "a[x=1] takes 3 CPUs, and `resources` at the top of the file says 2 CPUs (and 1 more like it)",
      location: { line: 2, column: 31 },
    },
  ]);
});
