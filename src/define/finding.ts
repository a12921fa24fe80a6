import type { Problem } from "../core/error/problem.ts";
import { problemAt } from "../core/error/problem.ts";
import type { KeyPath } from "./definition.ts";
import type { Locate, Part } from "./source/source.ts";

/** A problem that knows its path but not yet its line: locating and suggesting wait until it is sure to be shown. */
export interface Finding {
  path: KeyPath;
  part: Part;
  code: string;
  message: string;
  hint: Hint;
  /** True if it is about more runs than the one of its path. */
  isOfOthers?: boolean;
}

export type Hint = string | null | (() => string | null);

/** Largest number of problems that are shown. */
const MAX_PROBLEMS = 200;

/** A finding about a value. */
export function atValue(path: KeyPath, code: string, message: string, hint: Hint = null): Finding {
  return { path, part: "value", code, message, hint };
}

/** A finding about a key, or about a whole `key: value`. */
export function atKey(path: KeyPath, code: string, message: string, hint: Hint = null): Finding {
  return { path, part: "key", code, message, hint };
}

/** All problems in the order of the file, at most 200 of them, the last one saying how many more there are. */
export function toProblems(findings: readonly Finding[], earlier: readonly Problem[], locate: Locate): Problem[] {
  const room = Math.max(0, MAX_PROBLEMS - earlier.length);
  const shown = [
    ...earlier.slice(0, MAX_PROBLEMS),
    ...findings.slice(0, room).map((found) => toProblem(found, locate)),
  ];
  shown.sort(compareLocations);
  const hidden = earlier.length + findings.length - shown.length;
  if (hidden > 0) shown.push(problemAt(null, "more-problems", `and ${hidden} more`, "fix these first"));
  return shown;
}

function toProblem(finding: Finding, locate: Locate): Problem {
  const hint = typeof finding.hint === "function" ? finding.hint() : finding.hint;
  return problemAt(locate(finding.path, finding.part), finding.code, finding.message, hint);
}

function compareLocations(a: Problem, b: Problem): number {
  if (a.location === null || b.location === null) return Number(a.location === null) - Number(b.location === null);
  return a.location.line - b.location.line || a.location.column - b.location.column;
}
