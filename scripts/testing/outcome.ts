/** How many tests ended in which way. */
export interface TestOutcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What one runner left behind: its counts, or undefined if it died before it could write them, and its exit code. */
export interface RunnerResult {
  readonly name: string;
  readonly counted: TestOutcome | undefined;
  readonly exitCode: number | null;
}

/** The outcome of a runner, with a failure added where it failed without a failed test to show for it. */
export function judgeRunner(result: RunnerResult): { outcome: TestOutcome; complaint: string | undefined } {
  const counted = result.counted ?? { passed: 0, failed: 0, skipped: 0 };
  const complaint = findComplaint(result, counted);
  return { outcome: complaint ? { ...counted, failed: counted.failed + 1 } : counted, complaint };
}

function findComplaint({ name, counted, exitCode }: RunnerResult, sum: TestOutcome): string | undefined {
  if (!counted) return `${name} left no report (exit code ${exitCode ?? "none"}), which counts as one failure`;
  if (sum.failed === 0 && exitCode !== 0) {
    return `${name} failed no test but ended with exit code ${exitCode ?? "none"}, which counts as one failure`;
  }
  if (sum.passed + sum.failed === 0) return `${name} executed no test, which counts as one failure`;
  return undefined;
}

/** Adds outcomes up. */
export function addOutcomes(outcomes: readonly TestOutcome[]): TestOutcome {
  const sum = (pick: (outcome: TestOutcome) => number) => outcomes.map(pick).reduce((a, b) => a + b, 0);
  return { passed: sum((o) => o.passed), failed: sum((o) => o.failed), skipped: sum((o) => o.skipped) };
}

/** The closing line of the tests; CI reads it. */
export function formatOutcome({ passed, failed, skipped }: TestOutcome): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
