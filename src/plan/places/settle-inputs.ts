import type { ProjectFacts } from "../../core/project-facts.ts";
import type { ExpandedRun, FrozenInput, PlannedInput } from "../plan.ts";
import { findSiblings, findWritten } from "../transcoding.ts";

/**
 * Settles the inputs of a run, under the names that its slice reads and that upstream's slice writes. `table: prep`
 * settles `table@pandas` and `table@spark` alike, and so does `table@pandas: prep`, because the siblings are one file;
 * a sibling that is consumed by its own name keeps that. Upstream's `table` is found under `table@spark` if that is
 * what it writes. The worker reads a sibling of another format through downstream's own entry. Names that no slice
 * knows stay as declared.
 */
export function settleInputs(run: ExpandedRun, facts: ProjectFacts): Record<string, PlannedInput> {
  if (facts.size === 0) return run.consumes;
  const settled = Object.entries(run.consumes).flatMap(([dataset, input]) => {
    const written = findWritten(facts.get(input.run)?.outputs ?? [], input.dataset) ?? input.dataset;
    return listReaders(run, dataset, facts).map((name) => [name, { ...input, dataset: written }] as const);
  });
  return Object.fromEntries(settled);
}

/** Settles the inputs from outside the session in the same way. */
export function settleInjects(
  run: ExpandedRun,
  frozen: Readonly<Record<string, FrozenInput>>,
  facts: ProjectFacts,
): Record<string, FrozenInput> {
  const entries = Object.entries(frozen);
  if (entries.length === 0) return {};
  const settled = entries.flatMap(([dataset, input]) =>
    listReaders(run, dataset, facts).map((name) => [name, input] as const),
  );
  return Object.fromEntries(settled);
}

/** The names under which the slice reads what is declared as `dataset`. */
function listReaders({ run, consumes, injects }: ExpandedRun, dataset: string, facts: ProjectFacts): string[] {
  const isDeclaredItself = (name: string): boolean => Object.hasOwn(consumes, name) || Object.hasOwn(injects, name);
  const siblings = findSiblings(facts.get(run)?.inputs ?? [], dataset);
  const readers = siblings.filter((name) => name === dataset || !isDeclaredItself(name));
  return readers.length === 0 ? [dataset] : readers;
}
