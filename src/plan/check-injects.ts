import { problemAt } from "../core/problem.ts";
import type { CheckContext } from "./check-context.ts";
import { isPlaceless } from "./check-placeless.ts";
import { isSound } from "./check-slice.ts";
import { findFacts, isMemory } from "./places.ts";
import type { FrozenInput, PlannedRun } from "./plan.ts";

/** Checks what runs take from outside the session: something has to read it, and no run of the session may write it. */
export function checkInjects(context: CheckContext): void {
  const captured = indexCaptured(context.runs);
  for (const run of context.runs) {
    for (const [dataset, input] of Object.entries(run.injects)) {
      checkReadable(context, run, { dataset, input });
      checkNotCaptured(context, run, { dataset, input, captured });
    }
  }
}

/** Which output of which command each captured path becomes. */
type Captured = ReadonlyMap<string, { run: string; dataset: string }>;

function indexCaptured(runs: readonly PlannedRun[]): Captured {
  const captured = new Map<string, { run: string; dataset: string }>();
  for (const { task, definition } of runs) {
    if (task.kind !== "command") continue;
    for (const [dataset, { path }] of Object.entries(task.outputs))
      if (path !== null) captured.set(path, { run: definition.name, dataset });
  }
  return captured;
}

interface Injected {
  dataset: string;
  input: FrozenInput;
}

/** A file has no entry of its own, so the project's catalog has to say how to read it. */
function checkReadable({ definition, facts, findings }: CheckContext, run: PlannedRun, injected: Injected): void {
  const { dataset, input } = injected;
  const slice = facts.get(run.run);
  const known = slice === undefined ? undefined : findFacts(slice, dataset);
  const readsItself = input.rule !== "value" && (input.as === "downstream" || input.version.entry === null);
  if (slice === undefined || known === undefined || !isSound(slice) || !readsItself) return;
  const { name } = run.definition;
  const add = (code: string, message: string, hint: string): void => {
    const place = ["runs", name, "consumes", dataset];
    findings.add([code, name, dataset], () => problemAt(definition.locate(place), code, message, hint));
  };
  const from = `${run.run} is to read "${dataset}" from ${input.source}`;
  if (!known.in_catalog || isMemory(known)) {
    const hint = `add to the catalog: \`${dataset}: { type: ..., filepath: ... }\` with the class that reads it`;
    add("no-entry", `${from}, and no catalog entry says how`, hint);
  } else if (isPlaceless(known)) {
    add("no-path", `${from}, and its entry (${known.type}) has no path`, "give it an entry with a `filepath`");
  }
}

/** What was found when the plan was made would be overwritten while the session runs. */
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
