import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readJunitReport, readVitestReport } from "../../../scripts/testing/read-reports.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "reports-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function writeReport(text: string): string {
  const file = path.join(folder, "report");
  writeFileSync(file, text);
  return file;
}

describe("readVitestReport", () => {
  it("counts tests, and a file that can't be imported as a failure", () => {
    const tests = ["passed", "passed", "failed", "pending", "todo"].map((status) => ({ status }));
    const testResults = [
      { status: "failed", assertionResults: tests },
      { status: "failed", assertionResults: [] },
    ];
    const report = writeReport(JSON.stringify({ testResults }));
    expect(readVitestReport(report)).toEqual({ passed: 2, failed: 2, skipped: 2 });
  });

  it.each(["", '{"testResults": [{', "{}"])("gives nothing for the broken report %j", (text) => {
    expect(readVitestReport(writeReport(text))).toBeUndefined();
  });
});

describe("readJunitReport", () => {
  it("counts what pytest writes", () => {
    const suite = '<testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="0.1">';
    const report = writeReport(
      `<?xml version="1.0"?><testsuites name="pytest tests">${suite}</testsuite></testsuites>`,
    );
    expect(readJunitReport(report)).toEqual({ passed: 4, failed: 3, skipped: 3 });
  });

  it("gives nothing for a report without a suite, and for none", () => {
    expect(readJunitReport(writeReport("<testsuites>"))).toBeUndefined();
    expect(readJunitReport(path.join(folder, "missing"))).toBeUndefined();
  });
});
