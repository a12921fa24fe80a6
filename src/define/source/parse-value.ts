import { accept, type Checked, type Problem } from "../../core/error/problem.ts";
import type { Json } from "../../core/run.ts";
import { type Finding, toProblems } from "../finding.ts";
import { copyJson } from "./copy-json.ts";
import { readYaml } from "./yaml-source.ts";

/**
 * Parses a value of a command line as YAML 1.2: `3` is a number, `"3"` a text, `[1, 2]` a list, an empty text is null.
 * Problems are those of YAML, without places.
 */
export function parseValue(text: string): Checked<Json> {
  const read = readYaml(text, "the command line");
  const placeless = (problems: readonly Problem[]) => problems.map((problem) => ({ ...problem, location: null }));
  if (!read.ok) return { ok: false, problems: placeless(read.problems) };
  const findings: Finding[] = [];
  const value = copyJson(read.value.value, findings);
  const problems = toProblems(findings, placeless(read.value.problems), () => null);
  return problems.length > 0 ? { ok: false, problems } : accept(value);
}
