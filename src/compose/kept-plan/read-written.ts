import { accept, type Checked } from "../../core/error/problem.ts";
import { readJson } from "../../define/source/json-source.ts";
import { MAX_DEPTH } from "../../define/source/source.ts";

/** A value of the workflow file may be as deep as that itself. */
const MAX_NESTING = 2 * MAX_DEPTH;

/**
 * Reads JSON that we wrote, and that users may have edited, merged or cut since: a repeated key is a problem, a number
 * that JavaScript can't hold is none, as it is as inexact wherever it is read.
 */
export function readWritten(text: string, path: string): Checked<unknown> {
  const read = readJson(text, path, MAX_NESTING);
  if (!read.ok) return read;
  const repeated = read.value.problems.filter(({ code }) => code.startsWith("duplicate"));
  return repeated.length > 0 ? { ok: false, problems: repeated } : accept(read.value.value);
}
