import type { Place, ProjectFacts, SliceFacts } from "../core/project-facts.ts";
import { indexAccesses, type PlaceIndex } from "./place-index.ts";
import { createPlaceMap } from "./place-map.ts";
import { findFacts } from "./places.ts";
import type { PlannedRun } from "./plan.ts";
import { isSupplied } from "./supplied.ts";

/** Absolute paths by dataset. */
export type PlainReads = Readonly<Record<string, string>>;

/**
 * What each run reads from the project's own, unversioned paths, by run. Left out is what moves together with something
 * that the run writes or is given, and what comes after a run that may write such paths without saying so: a command, or a run
 * whose data are not all isolated. `runs` are in an order that can be executed.
 */
export function listPlainReads(runs: readonly PlannedRun[], facts: ProjectFacts): ReadonlyMap<string, PlainReads> {
  const found = new Map<string, PlainReads>();
  const index = indexAccesses(runs, facts);
  const writers = new Set<string>();
  for (const planned of runs) {
    const { run, needs } = planned;
    const isAfterWriter = needs.some((need) => writers.has(need));
    if (isAfterWriter || mayWriteAnywhere(planned)) writers.add(run);
    const slice = facts.get(run);
    if (isAfterWriter || slice === undefined) continue;
    const reads = listReads(planned, slice, index);
    if (reads.length > 0) found.set(run, Object.fromEntries(reads));
  }
  return found;
}

function mayWriteAnywhere({ task }: PlannedRun): boolean {
  return task.kind === "command" || task.isolate !== "all";
}

function listReads(planned: PlannedRun, slice: SliceFacts, index: PlaceIndex): [string, string][] {
  const { task } = planned;
  if (task.kind !== "kedro") return [];
  const given = createPlaceMap();
  const candidates: { dataset: string; location: string; places: readonly Place[] }[] = [];
  for (const dataset of slice.inputs) {
    const { location = null, versioned = false, places = [] } = findFacts(slice, dataset) ?? {};
    if (isSupplied(planned, dataset)) {
      for (const place of places) given.add(place, { run: planned, dataset, lacksVersion: false });
    } else if (location?.startsWith("/") && !versioned && !task.floating.includes(dataset)) {
      candidates.push({ dataset, location, places });
    }
  }
  const isMoved = (place: Place): boolean =>
    index.ownWrites.findOverlapping(place).some(({ run }) => run.run === planned.run) ||
    index.plainWrites.findOverlapping(place).length > 0 ||
    given.findOverlapping(place).length > 0;
  return candidates.flatMap(({ dataset, location, places }) => (places.some(isMoved) ? [] : [[dataset, location]]));
}
