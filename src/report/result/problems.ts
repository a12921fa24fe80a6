import { formatLocation, type Location, type Problem } from "../../core/error/problem.ts";
import { renderFolded } from "../fold-line.ts";
import { cleanText } from "../text/clean-text.ts";
import { displayWidth, truncateText } from "../text/display-width.ts";
import { plain, renderSpans, type Span, styled, type TextOptions } from "../text/spans.ts";

interface ProblemOptions extends Omit<TextOptions, "columns"> {
  /** Width to fold messages and hints to; default: lines have no limit. */
  columns?: number | null;
  /** The text of a line, counted from 1, for the excerpt; null if the file can't be read. */
  readLine?: (file: string, line: number) => string | null;
}

/** Widths of an excerpt: left of the column that it points to, and of the whole line. */
const MAX_BEFORE = 60;
const MAX_EXCERPT = 100;
/** Number of characters that are looked at on either side: a line may have megabytes, and hundreds of problems. */
const WINDOW = 2_000;

/** `churn.yaml:12:5  error[unknown-run]  ...` for each problem, in the order of the file, and how many there are. */
export function renderProblems(problems: readonly Problem[], options: ProblemOptions): string[] {
  if (problems.length === 0) return [];
  const lines = problems.toSorted(compareProblems).flatMap((problem) => renderProblem(problem, options));
  return [...lines, countProblems(problems)];
}

function renderProblem(problem: Problem, { readLine, ...look }: ProblemOptions): string[] {
  const { code, severity, message, hint, location } = problem;
  const place = location === null ? [] : [plain(`${formatLocation(location)}  `)];
  const kind = styled(severity === "error" ? "red" : "yellow", `${severity}[${code}]`);
  const source = location === null ? null : (readLine?.(location.file, location.line) ?? null);
  const excerpt = location === null || source === null ? [] : describeExcerpt(location, source);
  const options = { color: look.color, ids: look.ids, columns: look.columns ?? null };
  return [
    ...renderFolded([...place, kind, plain(`  ${message}`)], options),
    // The excerpt is not folded: its caret stands below what is meant.
    ...excerpt.map((spans) => renderSpans(spans, { ...options, columns: null })),
    ...(hint === null ? [] : renderFolded([styled("cyan", "  hint: "), plain(hint)], options)),
  ];
}

function describeExcerpt({ line, column }: Location, source: string): Span[][] {
  const at = column - 1;
  const before = cutStart(expandTabs(source.slice(Math.max(0, at - WINDOW), at)));
  const text = truncateText(before + expandTabs(source.slice(at, at + WINDOW)), MAX_EXCERPT);
  const number = String(line);
  return [
    [styled("dim", `  ${number} | `), plain(text)],
    [styled("dim", `  ${" ".repeat(number.length)} | `), plain(" ".repeat(displayWidth(before))), styled("red", "^")],
  ];
}

function cutStart(before: string): string {
  const excess = before.length - MAX_BEFORE;
  return excess > 0 ? `…${before.slice(excess).toWellFormed()}` : before;
}

/** Expands tabs and cleans the text, so that the caret stands below the shown character. */
function expandTabs(text: string): string {
  return cleanText(text.replaceAll("\t", "  "));
}

/** Sorts problems by place; those without a place come last. */
function compareProblems({ location: left }: Problem, { location: right }: Problem): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}

function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const counts = [nameCount(errors, "error"), nameCount(problems.length - errors, "warning")];
  return counts.filter((count) => count !== "").join(", ");
}

function nameCount(count: number, name: string): string {
  if (count === 0) return "";
  return count === 1 ? `1 ${name}` : `${count} ${name}s`;
}
