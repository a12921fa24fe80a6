import type { RestoredRun } from "../trash.ts";

/** A place in a file. Lines and columns count from 1, columns in UTF-16 units. */
export interface Location {
  file: string;
  line: number;
  column: number;
}

/** A fault of a workflow, told so that its author can mend it. Problems are data; exceptions are for bugs. */
export interface Problem {
  /** Stable, for scripts: `unknown-key`, `cycle`, ... */
  code: string;
  severity: "error" | "warning";
  message: string;
  /** Advice on what to do next, or the near miss: `did you mean "train"?` */
  hint: string | null;
  location: Location | null;
}

/** A value, or every reason why there is none. Warnings come with either. */
export type Checked<T> = { ok: true; value: T; warnings: Problem[] } | { ok: false; problems: Problem[] };

/** A problem of some runs of a plan. The others may have problems of their own. */
export interface RunsProblem {
  runs: readonly string[];
  problem: Problem;
  /** Attempt whose collected data are still in the trash; absent for other problems. */
  restorable?: RestoredRun;
}

export function accept<T>(value: T, warnings: Problem[] = []): Checked<T> {
  return { ok: true, value, warnings };
}

/** Accepts `value` unless one of `problems` is an error. */
export function acceptUnless<T>(problems: Problem[], value: T): Checked<T> {
  return problems.some((problem) => problem.severity === "error")
    ? { ok: false, problems }
    : { ok: true, value, warnings: problems };
}

export function problemAt(
  location: Location | null,
  code: string,
  message: string,
  hint: string | null = null,
): Problem {
  return { code, severity: "error", message, hint, location };
}

export function warningAt(
  location: Location | null,
  code: string,
  message: string,
  hint: string | null = null,
): Problem {
  return { code, severity: "warning", message, hint, location };
}

/** `churn.yaml:12:5`, or an empty string. */
export function formatLocation(location: Location | null): string {
  return location === null ? "" : `${location.file}:${location.line}:${location.column}`;
}
