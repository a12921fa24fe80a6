import type { Checked } from "../../src/core/error/problem.ts";
import { formatLocation } from "../../src/core/error/problem.ts";
import type { CheckedDefinition, WorkflowDefinition } from "../../src/define/definition.ts";
import { parseWorkflow } from "../../src/define/parse.ts";
import { readJson } from "../../src/define/source/json-source.ts";
import { readYaml } from "../../src/define/source/yaml-source.ts";

/** Checks a text as if it stood in `/w/flow.yaml` or `/w/flow.json`. */
export function checkText(text: string, format: "yaml" | "json" = "yaml"): CheckedDefinition {
  const source = format === "yaml" ? readYaml(text, "flow.yaml") : readJson(text, "flow.json");
  if (!source.ok) return source;
  return parseWorkflow(source.value.value, { file: `/w/flow.${format}`, dir: "/w", ...source.value });
}

/** The definition of a text that has to be right. */
export function define(text: string, format: "yaml" | "json" = "yaml"): WorkflowDefinition {
  const checked = checkText(text, format);
  if (!checked.ok) throw new Error(checked.problems.map((problem) => problem.message).join("\n"));
  return checked.value;
}

/** `line:column code` of every problem, without the file. */
export function listProblems(checked: Checked<unknown>): string[] {
  if (checked.ok) return [];
  return checked.problems.map(({ location, code }) => `${formatLocation(location).replace(/^[^:]*:/, "")} ${code}`);
}

/** The same with the hints: `line:column code | hint`. */
export function describeProblems(checked: Checked<unknown>): string[] {
  if (checked.ok) return [];
  const hints = checked.problems.map(({ hint }) => (hint === null ? "" : ` | ${hint}`));
  return listProblems(checked).map((problem, index) => problem + hints[index]);
}
