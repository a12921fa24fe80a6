import { type Checked, formatLocation, type Problem } from "../core/error/problem.ts";

/** A workflow, or a run of a script, that can't be planned: every problem of it. */
export class WorkflowError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(tellProblem).join("\n"));
    this.name = "WorkflowError";
    this.problems = problems;
  }
}

/** The value, or a WorkflowError. */
export function valueOrThrow<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new WorkflowError(checked.problems);
  return checked.value;
}

function tellProblem({ code, message, hint, location }: Problem): string {
  const place = location === null ? "" : `${formatLocation(location)}  `;
  return `${place}[${code}] ${message}${hint === null ? "" : ` (${hint})`}`;
}
