import { type Checked, formatLocation, type Problem } from "../core/error/problem.ts";

/** Extent of a search for problems: the workflow file alone, or projects, files and versions too, of all runs or of those without a fault in the file. */
export type Looked = "file" | "sound" | "all";

/** A workflow, or a run of a script, that can't be planned: every problem of it that could be found. */
export class WorkflowError extends Error {
  readonly problems: readonly Problem[];
  /** What has them: a file as it was named, `the workflow`, `the replay`. */
  readonly subject: string;
  /** `file`: its problems kept the rest from being looked at, so there may be more. */
  readonly looked: Looked;

  constructor(problems: readonly Problem[], subject = "the workflow", looked: Looked = "all") {
    super(problems.map(formatProblem).join("\n"));
    this.name = "WorkflowError";
    this.problems = problems;
    this.subject = subject;
    this.looked = looked;
  }
}

/** The value, or a WorkflowError. */
export function valueOrThrow<T>(checked: Checked<T>, subject?: string, looked?: Looked): T {
  if (!checked.ok) throw new WorkflowError(checked.problems, subject, looked);
  return checked.value;
}

function formatProblem({ code, message, hint, location }: Problem): string {
  const place = location === null ? "" : `${formatLocation(location)}  `;
  return `${place}[${code}] ${message}${hint === null ? "" : ` (${hint})`}`;
}
