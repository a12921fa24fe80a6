import { problemAt, warningAt } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { KedroTask } from "../../core/port/runner.ts";
import type { DatasetFacts, SliceFacts } from "../../core/project-facts.ts";
import { findRead } from "../../core/select-reads.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import { locateKey } from "../locate-key.ts";
import { findFacts, isMemory } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import { isDeclared } from "../transcoding.ts";
import type { CheckContext } from "./check-context.ts";
import { isSound, PIPELINE_KEYS } from "./check-slice.ts";

/** Checks what has no path, such as a table: it can't be moved, so no version of it can be pinned. */
export function checkPlaceless(context: CheckContext, run: PlannedRun): void {
  const slice = context.facts.get(run.run);
  const { task } = run;
  if (!hasCatalog(task) || slice === undefined || !isSound(slice)) return;
  for (const dataset of slice.outputs) {
    const facts = findFacts(slice, dataset);
    if (facts !== undefined && isPlaceless(facts)) checkWritten(context, { run, task, dataset, facts });
  }
  for (const dataset of slice.inputs) {
    const facts = findFacts(slice, dataset);
    if (facts !== undefined && isPlaceless(facts)) checkRead(context, { run, task, dataset, facts });
  }
}

/** True if data outlive their run and yet have no path. */
export function isPlaceless(facts: DatasetFacts): boolean {
  return facts.in_catalog && facts.location === null && !isMemory(facts);
}

/**
 * Finds names under `floating` that no run knows, and which were probably meant to be others. Skipped unless all facts
 * are known.
 */
export function checkFloating({ definition, facts, runs, findings }: CheckContext): void {
  const slices = runs.flatMap(({ run, task }) => (hasCatalog(task) ? [facts.get(run)] : []));
  if (slices.some((slice) => slice === undefined || !isSound(slice))) return;
  const known = new Set(slices.flatMap((slice: SliceFacts | undefined) => Object.keys(slice?.datasets ?? {})));
  for (const [index, dataset] of definition.floating.entries()) {
    if (known.has(dataset)) continue;
    findings.warn(["unknown-floating", dataset], () => {
      const message = `no run reads or writes "${dataset}"`;
      return warningAt(definition.locate(["floating", index]), "unknown-floating", message, didYouMean(dataset, known));
    });
  }
}

interface Placeless {
  run: PlannedRun;
  task: KedroTask;
  dataset: string;
  facts: DatasetFacts;
}

function checkWritten({ definition, findings }: CheckContext, { run, task, dataset, facts }: Placeless): void {
  const { name } = run.definition;
  const declared = task.outputs.findIndex((output) => isDeclared([output], dataset));
  if (declared >= 0) {
    findings.add(["no-version-of", name, dataset], () => {
      const message = `${run.run} declares the output "${dataset}" (${facts.type}), which has no path: there are no versions of it to consume`;
      const hint = `leave it out, list it under \`floating\`, and let its readers say \`needs: [${name}]\``;
      return problemAt(definition.locate(["runs", name, "outputs", declared]), "no-version-of", message, hint);
    });
  } else if (task.isolate === "all" && !task.floating.includes(dataset)) {
    findings.add(["no-place", name, dataset], () => {
      const message = `${run.run} writes "${dataset}" (${facts.type}), which has no path: it can't have its own path in each run`;
      const hint = `list "${dataset}" under \`floating\``;
      return problemAt(locateKey(definition, name, PIPELINE_KEYS), "no-place", message, hint);
    });
  }
}

function checkRead({ definition, findings }: CheckContext, { run, dataset, facts }: Placeless): void {
  if (findRead(run.reads, dataset) !== undefined) return;
  const { name } = run.definition;
  findings.add(["unpinned", name, dataset], () => {
    const message = `${run.run} reads "${dataset}" (${facts.type}), which has no path, so no version of it can be pinned`;
    const hint = `list "${dataset}" under \`floating\` if it may be read as it is when the run starts`;
    return problemAt(locateKey(definition, name, PIPELINE_KEYS), "unpinned", message, hint);
  });
}
