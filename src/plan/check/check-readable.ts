import { problemAt } from "../../core/error/problem.ts";
import { isProcess } from "../../core/kinds.ts";
import type { ConsumedRead, GivenRead } from "../../core/read.ts";
import { listConsumed, listGiven } from "../../core/select-reads.ts";
import { findFacts, isMemory } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import { baseName } from "../transcoding.ts";
import type { CheckContext } from "./check-context.ts";
import { isPlaceless } from "./check-placeless.ts";
import { isSound } from "./check-slice.ts";

/**
 * Checks that a consumed dataset without a catalog entry of its own has one in the reading project, through which it is
 * read.
 */
export function checkReadable(context: CheckContext, runs: ReadonlyMap<string, PlannedRun>, run: PlannedRun): void {
  for (const [dataset, input] of listGiven(run)) {
    if (needsEntry(input)) checkEntry(context, run, { dataset, source: input.source });
  }
  for (const [dataset, input] of listConsumed(run)) {
    const source = `${JSON.stringify(input.dataset)} of ${input.run}`;
    if (bringsNoEntry(dataset, input, runs)) checkEntry(context, run, { dataset, source });
  }
}

function needsEntry(input: GivenRead): boolean {
  return input.rule !== "value" && (input.as === "downstream" || input.version.entry === null);
}

/** Files of commands have none; the other side of an `@` is read its own way. */
function bringsNoEntry(dataset: string, input: ConsumedRead, runs: ReadonlyMap<string, PlannedRun>): boolean {
  const isOtherSide =
    dataset !== input.dataset && dataset.includes("@") && baseName(dataset) === baseName(input.dataset);
  const upstream = runs.get(input.run)?.task;
  return input.as === "downstream" || isOtherSide || (upstream !== undefined && isProcess(upstream));
}

interface Read {
  dataset: string;
  /** Source of the dataset, for people. */
  source: string;
}

function checkEntry({ definition, facts, findings }: CheckContext, run: PlannedRun, { dataset, source }: Read): void {
  const slice = facts.get(run.run);
  const known = slice === undefined ? undefined : findFacts(slice, dataset);
  if (slice === undefined || known === undefined || !isSound(slice)) return;
  const { name } = run.definition;
  const add = (code: string, message: string, hint: string): void => {
    const place = ["runs", name, "consumes", dataset];
    findings.add([code, name, dataset], () => problemAt(definition.locate(place), code, message, hint));
  };
  const from = `${run.run} reads "${dataset}" from ${source}`;
  if (!known.in_catalog || isMemory(known)) {
    const hint = `add to the catalog: \`${dataset}: { type: ..., filepath: ... }\` with the class that reads it`;
    add("no-entry", `${from}, but no catalog entry says how to read it`, hint);
  } else if (isPlaceless(known)) {
    add("no-path", `${from}, but its catalog entry (${known.type}) has no path`, "give it an entry with a `filepath`");
  }
}
