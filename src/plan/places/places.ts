import { isAtOrBelow } from "../../core/place.ts";
import type { KedroTask } from "../../core/port/runner.ts";
import type { DatasetFacts, SliceFacts } from "../../core/project-facts.ts";
import { isDeclared } from "../transcoding.ts";

/** Entries that live in a run's memory, so that no other run can meet them. */
const IN_MEMORY = /(?:^|\.)(?:Shared)?(?:Memory|Lambda)Dataset$/;

/** Place of a run's write: `plain` is the one path that all runs share, `own` a place per run. */
export type PlaceKind = "plain" | "own";

/** Undefined for a name that the slice does not know, `constructor` too. */
export function findFacts(slice: SliceFacts, dataset: string): DatasetFacts | undefined {
  return Object.hasOwn(slice.datasets, dataset) ? slice.datasets[dataset] : undefined;
}

/** True if a dataset lives and dies with its run. */
export function isMemory(facts: DatasetFacts): boolean {
  return facts.location === null && IN_MEMORY.test(facts.type);
}

/** Tables can't be moved; versioned entries always have a place per run, others as `isolate` says. */
export function placeKindOf(task: KedroTask, dataset: string, facts: DatasetFacts): PlaceKind {
  if (facts.versioned) return "own";
  if (facts.location === null) return "plain";
  switch (task.isolate) {
    case "all":
      return "own";
    case "declared":
      return isDeclared(task.outputs, dataset) ? "own" : "plain";
    case "none":
      return "plain";
    default:
      return task.isolate satisfies never;
  }
}

/**
 * True if a run reads, under another name, a dataset that it writes itself: that name then means the run's own data.
 * False where no place per run exists: there, other runs' writes are in the same file.
 */
export function isWrittenByItself(task: KedroTask, slice: SliceFacts, dataset: string): boolean {
  const read = findFacts(slice, dataset)?.places ?? [];
  return slice.outputs.some((output) => {
    const written = findFacts(slice, output);
    if (written === undefined || placeKindOf(task, output, written) === "plain") return false;
    return written.places.some(({ path }) => read.some((place) => isAtOrBelow(place.path, path)));
  });
}
