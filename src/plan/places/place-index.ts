import { hasCatalog } from "../../core/kinds.ts";
import type { KedroTask } from "../../core/port/runner.ts";
import type { DatasetFacts, ProjectFacts, SliceFacts } from "../../core/project-facts.ts";
import { isSupplied, listGiven } from "../../core/select-reads.ts";
import type { PlannedRun } from "../plan.ts";
import { createPlaceMap, type PlaceMap } from "./place-map.ts";
import { findFacts, isWrittenByItself, placeKindOf } from "./places.ts";

/** Runs that use each place. Floating datasets are apart: their author answers for them. */
export interface PlaceIndex {
  /** Writes of what floats, to the path that all runs share. */
  floatingWrites: PlaceMap;
  /** Writes to the path that all runs share. */
  plainWrites: PlaceMap;
  /** Writes that go to a place per run instead. */
  ownWrites: PlaceMap;
  /** Reads of what no run gives: injected files too. */
  reads: PlaceMap;
}

/** Accesses are in plan order if `runs` are. */
export function indexAccesses(runs: readonly PlannedRun[], facts: ProjectFacts): PlaceIndex {
  const index: PlaceIndex = {
    floatingWrites: createPlaceMap(),
    plainWrites: createPlaceMap(),
    ownWrites: createPlaceMap(),
    reads: createPlaceMap(),
  };
  for (const run of runs) indexRun(index, run, facts);
  return index;
}

function indexRun(index: PlaceIndex, run: PlannedRun, facts: ProjectFacts): void {
  const { task } = run;
  const slice = facts.get(run.run);
  for (const [dataset, input] of listGiven(run))
    if (input.rule === "file")
      index.reads.add({ path: input.from_dataset, suffix: null }, { run, dataset, lacksVersion: false });
  if (!hasCatalog(task) || slice === undefined) return;
  for (const dataset of [...slice.inputs, ...slice.outputs]) {
    const known = findFacts(slice, dataset);
    if (known === undefined || (task.floating.includes(dataset) && !slice.outputs.includes(dataset))) continue;
    const lacksVersion = known.versioned && known.latest_version === null;
    const access = { run, dataset, lacksVersion, isMissing: known.is_missing };
    const accesses = selectMap(index, { run, dataset, known, task, slice });
    for (const place of known.places) accesses?.add(place, access);
  }
}

interface Use {
  run: PlannedRun;
  dataset: string;
  known: DatasetFacts;
  task: KedroTask;
  slice: SliceFacts;
}

/** Null for what another run, the workflow, or under another name the run itself gives. */
function selectMap(index: PlaceIndex, { run, dataset, known, task, slice }: Use): PlaceMap | null {
  if (task.floating.includes(dataset)) return index.floatingWrites;
  if (slice.outputs.includes(dataset))
    return placeKindOf(task, dataset, known) === "plain" ? index.plainWrites : index.ownWrites;
  return isSupplied(run.reads, dataset) || isWrittenByItself(task, slice, dataset) ? null : index.reads;
}
