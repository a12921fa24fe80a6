import { problemAt } from "../../core/error/problem.ts";
import type { FrozenInput, PlannedRun } from "../plan.ts";
import type { CheckContext } from "./check-context.ts";

/** Checks what runs take from outside the session: no run of the session may write it. */
export function checkInjects(context: CheckContext): void {
  const captured = indexCaptured(context.runs);
  for (const run of context.runs) {
    for (const [dataset, input] of Object.entries(run.injects)) {
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
