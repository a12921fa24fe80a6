import type { SharedPlace } from "../core/place.ts";
import type { SliceFacts } from "../core/project-facts.ts";
import { listOtherPlaces } from "./other-places.ts";
import { findFacts, placeKindOf } from "./places.ts";
import type { ExpandedRun } from "./plan.ts";
import { isSupplied, type Supplied } from "./supplied.ts";

/**
 * The plain paths that a run reads or writes, which runs of other sessions may name too. What floats is left out, as its author
 * answers for it, and what has no path, as nobody could say where it is.
 */
export function listSharedPlaces(
  { task }: ExpandedRun,
  supplied: Supplied,
  slice: SliceFacts | undefined,
): SharedPlace[] {
  if (task.kind !== "kedro" || slice === undefined) return [];
  const found = new Map<string, SharedPlace>();
  for (const dataset of [...slice.outputs, ...slice.inputs]) {
    const known = findFacts(slice, dataset);
    if (known === undefined || known.location === null || known.versioned || task.floating.includes(dataset)) continue;
    const isWritten = slice.outputs.includes(dataset);
    if (isWritten ? placeKindOf(task, dataset, known) !== "plain" : isSupplied(supplied, dataset)) continue;
    for (const { path, suffix } of known.places) {
      const place: SharedPlace = { path, suffix, access: isWritten ? "write" : "read" };
      const key = JSON.stringify([path, suffix]);
      if (!found.has(key)) found.set(key, place);
    }
  }
  for (const { path, access, is_there } of listOtherPlaces({ task }, supplied, slice)) {
    const key = JSON.stringify([path, null]);
    if (is_there && !found.has(key)) found.set(key, { path, suffix: null, access });
  }
  return [...found.values()];
}
