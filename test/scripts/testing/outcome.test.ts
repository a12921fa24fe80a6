import { describe, expect, it } from "vitest";
import { addOutcomes, formatOutcome, judgeRunner } from "../../../scripts/testing/outcome.ts";

const none = { passed: 0, failed: 0, skipped: 0 };

describe("judgeRunner", () => {
  it("takes the counts of a runner that passed", () => {
    const counted = { passed: 3, failed: 0, skipped: 1 };
    expect(judgeRunner({ name: "vitest", counted, exitCode: 0 })).toEqual({ outcome: counted, complaint: undefined });
  });

  it("adds no failure to a runner that has one to show", () => {
    const counted = { passed: 3, failed: 2, skipped: 0 };
    expect(judgeRunner({ name: "vitest", counted, exitCode: 1 }).outcome.failed).toBe(2);
  });

  it.each([
    ["left no report", { counted: undefined, exitCode: null }],
    ["left no report and said that all was well", { counted: undefined, exitCode: 0 }],
    ["ended badly with no failed test", { counted: { passed: 3, failed: 0, skipped: 0 }, exitCode: 1 }],
    ["executed no test", { counted: none, exitCode: 0 }],
    ["skipped every test", { counted: { passed: 0, failed: 0, skipped: 2 }, exitCode: 0 }],
  ])("counts a runner that %s as one failure", (_what, result) => {
    const { outcome, complaint } = judgeRunner({ name: "pytest", ...result });
    expect(outcome.failed).toBe(1);
    expect(complaint).toContain("pytest");
  });
});

describe("the closing line", () => {
  it("sums the runners and leaves skipped out where there are none", () => {
    const sum = addOutcomes([
      { passed: 2, failed: 1, skipped: 0 },
      { passed: 3, failed: 0, skipped: 0 },
    ]);
    expect(formatOutcome(sum)).toBe("5 passed, 1 failed");
  });

  it("names skipped tests", () => {
    expect(formatOutcome({ passed: 1, failed: 0, skipped: 4 })).toBe("1 passed, 0 failed, 4 skipped");
  });
});
