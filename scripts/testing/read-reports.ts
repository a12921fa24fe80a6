import { readFileSync } from "node:fs";
import type { TestOutcome } from "./outcome.ts";

/** What we read of a file in vitest's JSON report; a file that can't be imported has a status and no tests. */
interface VitestFile {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

/** Counts vitest's JSON report. Undefined if there is none, or half of one. */
export function readVitestReport(file: string): TestOutcome | undefined {
  try {
    const report: { testResults: VitestFile[] } = JSON.parse(readFileSync(file, "utf8"));
    const statuses = report.testResults.flatMap(listStatuses);
    const count = (...wanted: string[]) => statuses.filter((status) => wanted.includes(status)).length;
    return {
      passed: count("passed"),
      failed: count("failed"),
      skipped: count("skipped", "pending", "todo", "disabled"),
    };
  } catch {
    return undefined;
  }
}

function listStatuses(file: VitestFile): string[] {
  const statuses = file.assertionResults.map((test) => test.status);
  const failedOutsideItsTests = file.status === "failed" && !statuses.includes("failed");
  return failedOutsideItsTests ? [...statuses, "failed"] : statuses;
}

/** Counts a JUnit report as pytest writes it. Undefined if there is none, or half of one. */
export function readJunitReport(file: string): TestOutcome | undefined {
  try {
    const suites = [...readFileSync(file, "utf8").matchAll(/<testsuite\s[^>]*>/g)].map(([suite]) => ({
      tests: readCount(suite, "tests"),
      failed: readCount(suite, "failures") + readCount(suite, "errors"),
      skipped: readCount(suite, "skipped"),
    }));
    if (suites.length === 0) return undefined;
    const sum = (key: "tests" | "failed" | "skipped") => suites.reduce((total, suite) => total + suite[key], 0);
    // A test whose teardown fails after it has passed is counted as both, hence never below zero.
    const passed = Math.max(0, sum("tests") - sum("failed") - sum("skipped"));
    return { passed, failed: sum("failed"), skipped: sum("skipped") };
  } catch {
    return undefined;
  }
}

function readCount(suite: string, attribute: string): number {
  return Number(new RegExp(`\\s${attribute}="(\\d+)"`).exec(suite)?.[1] ?? 0);
}
