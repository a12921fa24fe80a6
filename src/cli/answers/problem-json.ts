import type { Problem } from "../../core/error/problem.ts";

/** A problem as `validate --json` prints it. */
export function toProblemJson({ code, severity, message, hint, location }: Problem) {
  const { file = null, line = null, column = null } = location ?? {};
  return { code, severity, message, file, line, column, hint };
}
