import fc from "fast-check";
import { expect, test } from "vitest";
import { toDot } from "../../../src/plan/show/dot.ts";
import { hostilePlans, makePlan } from "../make-plan.ts";

test("a plan is a digraph: datasets on full arrows, order alone on dashed ones", () => {
  expect(toDot(makePlan())).toBe(
    [
      'digraph "churn" {',
      "  rankdir=TB;",
      "  node [shape=box];",
      '  r0 [label="prep"];',
      '  r1 [label="train[seed=1]"];',
      '  r2 [label="train[seed=2]"];',
      '  r3 [label="check"];',
      '  r4 [label="export"];',
      '  r0 -> r1 [label="table"];',
      '  r0 -> r2 [label="table"];',
      '  r2 -> r4 [label="model"];',
      "  r3 -> r4 [style=dashed];",
      "}",
      "",
    ].join("\n"),
  );
});

test("names can't leave their quotes, whatever they hold", () => {
  const quoted = '"(?:[^"\\\\&\\n]|\\\\["\\\\]|&amp;)*"';
  const statement = `  r\\d+ \\[label=${quoted}\\];|  r\\d+ -> r\\d+ \\[(?:style=dashed|label=${quoted})\\];`;
  const line = new RegExp(`^(?:digraph ${quoted} \\{|  rankdir=TB;|  node \\[shape=box\\];|${statement}|\\}|)$`, "u");
  fc.assert(
    fc.property(hostilePlans, (plan) => {
      const lines = toDot(plan).split("\n");
      expect(lines).toHaveLength(3 + 3 + 2 + 2);
      for (const each of lines) expect(each).toMatch(line);
    }),
  );
});
