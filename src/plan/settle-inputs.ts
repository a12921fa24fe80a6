import type { ProjectFacts } from "../core/project-facts.ts";
import type { ExpandedRun, PlannedInput } from "./plan.ts";
import { findSiblings, findWritten } from "./transcoding.ts";

/**
 * What a run consumes, under the names that its slice reads and that upstream's slice writes. `table: prep` settles
 * `table@pandas` and `table@spark` alike, and so does `table@pandas: prep`, because the siblings are one file; a sibling
 * that is consumed by its own name keeps that. Upstream's `table` is found under `table@spark` if that is what it writes.
 * The worker reads a sibling of another format through downstream's own entry. Names that no slice knows stay as declared.
 */
export function settleInputs(run: ExpandedRun, facts: ProjectFacts): Record<string, PlannedInput> {
  if (facts.size === 0) return run.consumes;
  const reads = facts.get(run.run)?.inputs ?? [];
  const settled = new Map<string, PlannedInput>();
  for (const [dataset, input] of Object.entries(run.consumes)) {
    const written = findWritten(facts.get(input.run)?.outputs ?? [], input.dataset) ?? input.dataset;
    const readers = findSiblings(reads, dataset).filter(
      (name) => name === dataset || !Object.hasOwn(run.consumes, name),
    );
    for (const name of readers.length === 0 ? [dataset] : readers) settled.set(name, { ...input, dataset: written });
  }
  return Object.fromEntries(settled);
}
