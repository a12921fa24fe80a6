import type { KindResult } from "./trial.ts";

const TITLES = ["kind", "trials", "kills", "violated", "seconds", ""] as const;

/** A line for each kind, then every failure with its seed and the command that repeats it. */
export function formatResults(results: readonly KindResult[]): string {
  const rows = results.map(({ kind, trials, untried, kills, failures, ms }) => [
    kind.name,
    untried === 0 ? String(trials) : `${trials} (${untried} could not be tried)`,
    kills === 0 ? "" : String(kills),
    String(failures.length),
    (ms / 1000).toFixed(1),
    kind.what,
  ]);
  const widths = TITLES.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const table = [TITLES, ...rows].map((row) =>
    row
      .map((cell, column) => pad(cell, column, widths))
      .join("  ")
      .trimEnd(),
  );
  return [...table, "", ...results.flatMap(describeFailures), sumUp(results)].join("\n");
}

function pad(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  return column === 0 ? cell.padEnd(width) : column < 5 ? cell.padStart(width) : cell;
}

/** Each failure with its seed and the command that repeats it. */
export function describeFailures({ kind, failures }: KindResult): string[] {
  return failures.flatMap(({ seed, violations }) => [
    `${kind.name}, seed ${seed}: npm run chaos -- --kinds ${kind.name} --seed ${seed} --trials 1`,
    ...violations.map(({ invariant, detail }) => `  ${invariant}: ${detail}`),
    "",
  ]);
}

/** `2,431 trials, 214 of them with real processes; 0 violated an invariant`. */
function sumUp(results: readonly KindResult[]): string {
  const count = (some: readonly KindResult[]) => some.reduce((sum, { trials }) => sum + trials, 0).toLocaleString("en");
  const violated = results.reduce((sum, { failures }) => sum + failures.length, 0);
  const real = count(results.filter(({ kind }) => kind.hasProcesses));
  return `${count(results)} trials, ${real} of them with real processes; ${violated} violated an invariant`;
}
