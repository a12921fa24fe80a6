import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import type { BugResult } from "../chaos/planted/try-bugs.ts";
import type { KindResult } from "../chaos/trial.ts";
import { cliEnvironment } from "../rig/cli.ts";

const HARNESS = join(import.meta.dirname, "../chaos/main.ts");
const LIMIT_MS = 40 * 60_000;

/** The share of the fault harness that every run of the tests does; `npm run chaos` does as much as one likes. */
test("no trial of the fault harness violates an invariant", { timeout: LIMIT_MS }, async () => {
  const { stdout, stderr } = await runHarness(["--json", "--package", inject("packageFolder")]);
  const results = readResults<KindResult>(stdout, stderr);
  const failures = results.flatMap(({ kind, failures }) =>
    failures.map((failure) => ({ kind: kind.name, ...failure })),
  );
  expect(failures).toEqual([]);
  const count = (some: KindResult[]) => some.reduce((sum, { trials }) => sum + trials, 0);
  expect(count(results)).toBeGreaterThanOrEqual(2_000);
  expect(count(results.filter(({ kind }) => kind.hasProcesses))).toBeGreaterThanOrEqual(200);
});

test("the trials find every bug that is planted in the code", { timeout: LIMIT_MS }, async () => {
  const { stdout, stderr } = await runHarness(["--planted", "--json", "--package", inject("packageFolder")]);
  const results = readResults<BugResult>(stdout, stderr);
  expect(results.filter(({ isCaught }) => !isCaught)).toEqual([]);
  expect(results.length).toBeGreaterThanOrEqual(12);
});

function runHarness(args: string[]): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: cliEnvironment(), maxBuffer: 2 ** 28 };
    execFile(process.execPath, [HARNESS, ...args], options, (_, stdout, stderr) => resolve({ stdout, stderr }));
  });
}

function readResults<T>(stdout: string, stderr: string): T[] {
  try {
    return JSON.parse(stdout) as T[];
  } catch (error) {
    throw new Error(`the harness told nothing: ${stderr}`, { cause: error });
  }
}
