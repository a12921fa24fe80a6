import { type Checked, formatLocation, type Problem } from "../core/error/problem.ts";

/** A workflow, or a run of a script, that can't be planned: every problem of it. */
export class WorkflowError extends Error {
  readonly problems: readonly Problem[];
  /** What has them: a file as it was named, `the workflow`, `the replay`. */
  readonly subject: string;

  constructor(problems: readonly Problem[], subject = "the workflow") {
    super(problems.map(formatProblem).join("\n"));
    this.name = "WorkflowError";
    this.problems = problems;
    this.subject = subject;
  }
}

/** The value, or a WorkflowError. */
export function valueOrThrow<T>(checked: Checked<T>, subject?: string): T {
  if (!checked.ok) throw new WorkflowError(checked.problems, subject);
  return checked.value;
}

function formatProblem({ code, message, hint, location }: Problem): string {
  const place = location === null ? "" : `${formatLocation(location)}  `;
  return `${place}[${code}] ${message}${hint === null ? "" : ` (${hint})`}`;
}
