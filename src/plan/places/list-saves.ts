import type { KedroTask, PlannedSave } from "../../core/port/runner.ts";
import type { SliceFacts } from "../../core/project-facts.ts";
import { isDeclared } from "../transcoding.ts";
import { findFacts, placeKindOf } from "./places.ts";

/** Lists the datasets that a run writes as the project has them, so that the run need not be asked. */
export function listSaves(task: KedroTask, slice: SliceFacts): Record<string, PlannedSave> {
  return Object.fromEntries(slice.outputs.map((dataset) => [dataset, describe(task, slice, dataset)]));
}

function describe(task: KedroTask, slice: SliceFacts, dataset: string): PlannedSave {
  const declared = isDeclared(task.outputs, dataset);
  const facts = findFacts(slice, dataset);
  if (facts === undefined) {
    return { plain_location: null, versioned: false, entry: null, declared, stays: false };
  }
  const { location: plain_location, versioned, entry = null } = facts;
  const stays = placeKindOf(task, dataset, facts) === "plain" || task.floating.includes(dataset);
  return { plain_location, versioned, entry: plain_location === null ? null : entry, declared, stays };
}
