import { type Problem, problemAt } from "../../core/error/problem.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import type { ExpandedRun } from "../plan.ts";

/** Runs that the beginning of `RUN.REST` on a command line names. */
export type Target<R> = { runs: R[]; rest: string } | { runs: null; name: string; hint: string | null };

/** One arm by its name, or all arms by the name of their matrix; the longest name that fits, as an arm's may hold any text. */
export function findTarget<R extends DeclaredName>(runs: readonly R[], text: string): Target<R> {
  const named = groupByName(runs);
  const names = [...named.keys()].filter((name) => text.startsWith(`${name}.`));
  const [longest] = names.sort((a, b) => b.length - a.length);
  if (longest !== undefined) return { runs: named.get(longest) ?? [], rest: text.slice(longest.length + 1) };
  const name = /^[^.[=]*(?:\[[^\]]*\])?/.exec(text)?.[0] ?? text;
  return { runs: null, name, hint: didYouMean(name, named.keys()) };
}

/** A run with the names that it has. */
export type DeclaredName = Pick<ExpandedRun, "run" | "definition">;

/** Each run by its own name, and the arms of a matrix by that of the matrix. */
export function groupByName<R extends DeclaredName>(runs: readonly R[]): Map<string, R[]> {
  const named = new Map<string, R[]>();
  for (const run of runs) {
    named.set(run.run, [run]);
    const { name } = run.definition;
    if (name === run.run) continue;
    const arms = named.get(name);
    if (arms === undefined) named.set(name, [run]);
    else arms.push(run);
  }
  return named;
}

/** `unknown-run` for each name that is neither that of a run nor that of a matrix. */
export function refuseUnknown(runs: readonly DeclaredName[], names: readonly string[], whole: string): Problem[] {
  const named = groupByName(runs);
  const unknown = names.filter((name) => !named.has(name));
  return unknown.map((name) =>
    problemAt(null, "unknown-run", `${whole} has no run "${name}"`, didYouMean(name, named.keys())),
  );
}
