import { type Problem, problemAt } from "../../core/error/problem.ts";
import type { ExceptionRecord, RunRecord, SessionRecord } from "../../core/run.ts";
import type { KeyPath, WorkflowDefinition } from "../../define/definition.ts";
import { baseName } from "../../plan/transcoding.ts";

/** Failures that a line of the workflow file is to blame for: how their messages begin, and which part of a run they are about. */
const LOCATED: Readonly<Record<string, { code: string; dataset: RegExp; field: "outputs" | "consumes" }>> = {
  NotPicklable: { code: "not-picklable", dataset: /^'(.+?)' is a declared output/gm, field: "outputs" },
  InputChanged: { code: "input-changed", dataset: /^'(.+?)' was /gm, field: "consumes" },
};

/** Turns failures of inputs and outputs into problems of the workflow file, with their places in it. */
export function locateFailures({ runs }: SessionRecord, definition: WorkflowDefinition): Problem[] {
  return runs.flatMap((run) => (run.exception === null ? [] : locateFailure(run, run.exception, definition)));
}

function locateFailure({ run }: RunRecord, exception: ExceptionRecord, definition: WorkflowDefinition): Problem[] {
  for (let cause: ExceptionRecord | null = exception; cause !== null; cause = cause.cause) {
    const located = Object.hasOwn(LOCATED, cause.type) ? LOCATED[cause.type] : undefined;
    if (located === undefined) continue;
    const { code, dataset, field } = located;
    const { message } = cause;
    return Array.from(message.matchAll(dataset), ([start, name = ""]) => {
      const place = definition.locate(pathOf(definition, { run, field, name }));
      const line = message.slice(message.indexOf(start)).split("\n", 1)[0];
      return problemAt(place, code, `${run}: ${line}`);
    });
  }
  return [];
}

/** An arm stands where its run does. */
function pathOf(
  definition: WorkflowDefinition,
  { run, field, name }: { run: string; field: "outputs" | "consumes"; name: string },
): KeyPath {
  const declared = definition.runs.find((each) => each.name === run || run.startsWith(`${each.name}[`));
  const path = ["runs", declared?.name ?? run, field];
  if (field === "consumes" || declared === undefined || !Array.isArray(declared.outputs)) return [...path, name];
  const index = declared.outputs.findIndex((output) => output === name || output === baseName(name));
  return [...path, index];
}
