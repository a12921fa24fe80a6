import { executesOnlyByType, listExecuting, OWN_PICKLE } from "../../core/catalog-classes.ts";
import { problemAt } from "../../core/error/problem.ts";
import { isProcess } from "../../core/kinds.ts";
import type { GivenRead } from "../../core/read.ts";
import { listGiven } from "../../core/select-reads.ts";
import { findFacts } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import type { CheckContext } from "./check-context.ts";

/**
 * Checks what runs take from outside the session: no run of the session may write it, and what executes when it is loaded is read as
 * the run's own project says.
 */
export function checkInjects(context: CheckContext): void {
  const captured = indexCaptured(context.runs);
  for (const run of context.runs) {
    for (const [dataset, input] of listGiven(run)) {
      checkNotCaptured(context, run, { dataset, input, captured });
      checkNotExecuted(context, run, { dataset, input });
    }
  }
}

/** Captured paths, each with the command's output that it becomes. */
type Captured = ReadonlyMap<string, { run: string; dataset: string }>;

function indexCaptured(runs: readonly PlannedRun[]): Captured {
  const captured = new Map<string, { run: string; dataset: string }>();
  for (const { task, definition } of runs) {
    if (!isProcess(task)) continue;
    for (const [dataset, { path }] of Object.entries(task.outputs))
      if (path !== null) captured.set(path, { run: definition.name, dataset });
  }
  return captured;
}

interface Injected {
  dataset: string;
  input: GivenRead;
}

/**
 * Refuses an injected file that a run of the session captures: the version that the plan found would be overwritten.
 */
function checkNotCaptured(
  { definition, findings }: CheckContext,
  run: PlannedRun,
  { dataset, input, captured }: Injected & { captured: Captured },
): void {
  const writer = input.rule === "file" ? captured.get(input.from_dataset) : undefined;
  if (writer === undefined) return;
  const { name } = run.definition;
  findings.add(["injected-and-written", name, dataset], () => {
    const message = `${run.run} reads ${input.source} as it was before the session, and ${writer.run} writes it`;
    const hint = `consumes: { ${dataset}: { run: ${writer.run}, dataset: ${writer.dataset} } }`;
    return problemAt(definition.locate(["runs", name, "consumes", dataset]), "injected-and-written", message, hint);
  });
}

/**
 * Loading such data executes code in them: the reader's catalog may ask for that, or the plans of writer and reader, in which the dataset is
 * in no catalog; never the record of what was saved.
 */
function checkNotExecuted(
  { definition, facts, findings }: CheckContext,
  run: PlannedRun,
  { dataset, input }: Injected,
): void {
  if (input.rule === "value" || input.as === "downstream") return;
  const executing = listExecuting(input.version.entry);
  const slice = facts.get(run.run);
  const [first] = executing;
  if (first === undefined || slice === undefined) return;
  const own = findFacts(slice, dataset);
  const planned = input.in_no_catalog === true ? OWN_PICKLE : null;
  const asked = own?.in_catalog === true ? own.type : planned;
  const type = input.version.entry?.config.type;
  const isByType = executesOnlyByType(executing);
  if (isByType && type === asked) return;
  const { name } = run.definition;
  findings.add(["executing-class", name, dataset], () => {
    const others = own?.in_catalog === true ? `reads "${dataset}" by ${own.type}` : `has no "${dataset}"`;
    const message = `${input.source} was saved by ${first.text}, and to load it executes what is in it; the catalog of ${run.run} ${others}`;
    const trusted = `if you trust it, give "${dataset}" the type ${type} in the catalog; else read it \`as: downstream\``;
    // The reader's project does not tell the class of an entry that is wrapped.
    const hint =
      isByType && type !== OWN_PICKLE ? trusted : "read it `as: downstream`, by an entry of the catalog that fits";
    return problemAt(definition.locate(["runs", name, "consumes", dataset]), "executing-class", message, hint);
  });
}
