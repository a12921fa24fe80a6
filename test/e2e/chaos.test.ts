import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import type { KindResult } from "../chaos/trial.ts";
import { cliEnvironment } from "../rig/cli.ts";

const HARNESS = join(import.meta.dirname, "../chaos/main.ts");
const LIMIT_MS = 15 * 60_000;

/** The share of the fault harness that every run of the tests does; `npm run chaos` does as much as one likes. */
test("no trial of the fault harness violates an invariant", { timeout: LIMIT_MS }, async () => {
  const { stdout, stderr } = await runHarness(["--json", "--package", inject("packageFolder")]);
  const results = readResults(stdout, stderr);
  const failures = results.flatMap(({ kind, failures }) =>
    failures.map((failure) => ({ kind: kind.name, ...failure })),
  );
  expect(failures).toEqual([]);
  const count = (some: KindResult[]) => some.reduce((sum, { trials }) => sum + trials, 0);
  expect(count(results)).toBeGreaterThanOrEqual(2_000);
  expect(count(results.filter(({ kind }) => kind.hasProcesses))).toBeGreaterThanOrEqual(200);
});

function runHarness(args: string[]): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: cliEnvironment(), maxBuffer: 2 ** 28 };
    execFile(process.execPath, [HARNESS, ...args], options, (_, stdout, stderr) => resolve({ stdout, stderr }));
  });
}

function readResults(stdout: string, stderr: string): KindResult[] {
  try {
    return JSON.parse(stdout) as KindResult[];
  } catch (error) {
    throw new Error(`the harness told nothing: ${stderr}`, { cause: error });
  }
}
