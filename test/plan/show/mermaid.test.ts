import fc from "fast-check";
import { expect, test } from "vitest";
import { toMermaid } from "../../../src/plan/show/mermaid.ts";
import { hostilePlans, makePlan } from "../make-plan.ts";

test("a plan is a flowchart: datasets on full arrows, order alone on dotted ones", () => {
  expect(toMermaid(makePlan())).toBe(
    [
      "flowchart TD",
      '  r0["prep"]',
      '  r1["train[seed=1]"]',
      '  r2["train[seed=2]"]',
      '  r3["check"]',
      '  r4["export"]',
      '  r0 -->|"table"| r1',
      '  r0 -->|"table"| r2',
      '  r2 -->|"model"| r4',
      "  r3 -.-> r4",
      "",
    ].join("\n"),
  );
});

test("names can't leave their quotes, whatever they hold", () => {
  const label = '"(?:[\\p{L}\\p{N}\\p{M} _.,=:@/+[\\]-]|#\\d+;)+"';
  const line = new RegExp(`^(?:flowchart TD|  r\\d+\\[${label}\\]|  r\\d+ (?:-\\.->|-->\\|${label}\\|) r\\d+|)$`, "u");
  fc.assert(
    fc.property(hostilePlans, (plan) => {
      const lines = toMermaid(plan).split("\n");
      expect(lines).toHaveLength(1 + 3 + 2 + 1);
      for (const each of lines) expect(each).toMatch(line);
    }),
  );
});
