import { warningAt } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import { isSupplied } from "../../core/select-reads.ts";
import { locateKey } from "../locate-key.ts";
import { findFacts } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import type { CheckContext } from "./check-context.ts";
import { isSound, PIPELINE_KEYS } from "./check-slice.ts";

/** Types whose `confirm` the worker keeps from writing beside the run's input (`settle.py`). */
const INCREMENTAL = /(?:^|\.)IncrementalDataset$/;

/** Warns of a checkpoint that an isolated run does not advance: each session then reads again what the one before has read. */
export function checkCheckpoints({ definition, facts, findings }: CheckContext, run: PlannedRun): void {
  const slice = facts.get(run.run);
  const { task } = run;
  if (!hasCatalog(task) || slice === undefined || !isSound(slice) || task.isolate === "none") return;
  for (const dataset of slice.confirms ?? []) {
    const known = findFacts(slice, dataset);
    if (known === undefined || known.location === null || !INCREMENTAL.test(known.type)) continue;
    if (task.floating.includes(dataset) || slice.outputs.includes(dataset) || isSupplied(run.reads, dataset)) continue;
    const { name } = run.definition;
    findings.warn(["checkpoint-kept-apart", name, dataset], () => {
      const message = `${run.run} confirms "${dataset}", and its checkpoint is kept with the run: the project's own checkpoint does not advance, so the next session reads the same again`;
      const hint = `to read each partition once, list "${dataset}" under \`floating\`: then the project's own checkpoint advances`;
      return warningAt(locateKey(definition, name, PIPELINE_KEYS), "checkpoint-kept-apart", message, hint);
    });
  }
}
