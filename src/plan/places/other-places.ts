import { hasCatalog } from "../../core/kinds.ts";
import type { OtherPlace, SliceFacts } from "../../core/project-facts.ts";
import type { Reads } from "../../core/read.ts";
import { isSupplied } from "../../core/select-reads.ts";
import type { ExpandedRun } from "../plan.ts";
import { findFacts } from "./places.ts";

/** A place that a run's dataset names besides its own. */
export interface OtherAccess extends OtherPlace {
  dataset: string;
  access: "read" | "write";
}

/**
 * Lists places that the datasets of a run name besides their own. Left out are supplied datasets, which are read
 * through their writer's entry, and floating ones, for which their author answers.
 */
export function listOtherPlaces(
  { task }: Pick<ExpandedRun, "task">,
  reads: Reads,
  slice: SliceFacts | undefined,
): OtherAccess[] {
  if (!hasCatalog(task) || slice === undefined) return [];
  const list = (datasets: readonly string[], access: "read" | "write") =>
    datasets
      .filter((dataset) => !task.floating.includes(dataset) && !isSupplied(reads, dataset))
      .flatMap((dataset) => (findFacts(slice, dataset)?.others ?? []).map((other) => ({ ...other, dataset, access })));
  return [...list(slice.outputs, "write"), ...list(slice.inputs, "read")];
}

/** Names the place for people and pins: `model (labels_path)`. */
export function nameOther({ dataset, argument }: Pick<OtherAccess, "dataset" | "argument">): string {
  return `${dataset} (${argument})`;
}
