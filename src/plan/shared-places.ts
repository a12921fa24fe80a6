import { hasCatalog } from "../core/kinds.ts";
import type { SharedPlace } from "../core/place.ts";
import type { KedroTask } from "../core/port/runner.ts";
import type { DatasetFacts, SliceFacts } from "../core/project-facts.ts";
import type { Reads } from "../core/read.ts";
import { isSupplied } from "../core/select-reads.ts";
import { isPlaceless } from "./check/check-placeless.ts";
import { listOtherPlaces } from "./places/other-places.ts";
import { findFacts, placeKindOf } from "./places/places.ts";
import type { ExpandedRun } from "./plan.ts";

/**
 * Lists the plain paths that a run reads or writes, which runs of this session or another may name too. Floating
 * datasets are left out, as their author answers for them, but not the file of an embedded database, which refuses
 * every process beside a writer. Data without a path are left out too.
 */
export function listSharedPlaces({ task }: ExpandedRun, reads: Reads, slice: SliceFacts | undefined): SharedPlace[] {
  if (!hasCatalog(task) || slice === undefined) return [];
  const found = new Map<string, SharedPlace>();
  const add = (place: SharedPlace): void => {
    const key = JSON.stringify([place.path, place.suffix]);
    if (found.get(key)?.access !== "write") found.set(key, place);
  };
  for (const dataset of [...slice.outputs, ...slice.inputs]) {
    const facts = findFacts(slice, dataset);
    if (facts === undefined) continue;
    const access = accessOf({ dataset, task, facts, reads, isWritten: slice.outputs.includes(dataset) });
    if (access !== null) for (const { path, suffix } of facts.places) add({ path, suffix, access });
  }
  for (const { path, access, is_there } of listOtherPlaces({ task }, reads, slice)) {
    if (is_there && !found.has(JSON.stringify([path, null]))) add({ path, suffix: null, access });
  }
  return [...found.values()];
}

interface Use {
  dataset: string;
  task: KedroTask;
  facts: DatasetFacts;
  reads: Reads;
  isWritten: boolean;
}

/** Access to a place; null for a place of the run's own, and for floating ones, which are not held. */
function accessOf({ dataset, task, facts, reads, isWritten }: Use): SharedPlace["access"] | null {
  const access = isWritten || facts.alone === true ? "write" : "read";
  if (isInDatabaseFile(facts)) return access;
  if (facts.location === null || facts.versioned || task.floating.includes(dataset)) return null;
  if (isWritten) return placeKindOf(task, dataset, facts) === "plain" ? access : null;
  return isSupplied(reads, dataset) ? null : access;
}

/** True for a table of an embedded database: it has no path, but the file of its database has one. */
export function isInDatabaseFile(facts: DatasetFacts): boolean {
  return isPlaceless(facts) && facts.places.some(({ path }) => path.startsWith("/"));
}
