import { isMapping } from "../../core/json.ts";
import type { Json } from "../../core/run.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import type { KeyPath, MatrixDefinition } from "../definition.ts";
import { atKey, atValue, type Finding } from "../finding.ts";
import { NAME_PATTERN } from "../schema.ts";
import { describeValue } from "../schema-issues.ts";

type Values = Record<string, Json>;

/** The matrix of a run, its lists known to be lists. What is wrong in it is found and left out. */
export function readMatrix(input: Record<string, unknown[]>, path: KeyPath, findings: Finding[]): MatrixDefinition {
  const matrix: MatrixDefinition = { axes: {}, include: [], exclude: [] };
  for (const [key, list] of Object.entries(input)) {
    const place = [...path, key];
    if (key === "include" || key === "exclude") matrix[key] = readCombinations(list as Json[], place, findings);
    else if (checkAxis(key, list as Json[], { path: place, findings })) matrix.axes[key] = list as Json[];
  }
  if (Object.keys(input).length === 0) {
    findings.push(
      atKey(path, "invalid-matrix", "the matrix has no axis", "write { seed: [1, 2, 3] }, or leave it out"),
    );
  }
  checkExcluded(matrix, path, findings);
  return matrix;
}

/** Lists the names for `${matrix.NAME}` and `where`: the axes, and those that `include` adds. */
export function listAxes(matrix: MatrixDefinition | null): string[] {
  if (matrix === null) return [];
  return [...new Set([...Object.keys(matrix.axes), ...matrix.include.flatMap((entry) => Object.keys(entry))])];
}

function readCombinations(list: Json[], path: KeyPath, findings: Finding[]): Values[] {
  return list.flatMap((entry, index) => {
    if (isMapping(entry) && Object.keys(entry).length > 0) return [entry];
    const message = `${path.at(-1)}[${index}] must be a mapping of axes to values, not ${describeValue(entry)}`;
    findings.push(atValue([...path, index], "invalid-matrix", message));
    return [];
  });
}

interface Place {
  path: KeyPath;
  findings: Finding[];
}

function checkAxis(axis: string, values: Json[], { path, findings }: Place): boolean {
  if (!NAME_PATTERN.test(axis)) {
    const hint = "letters, digits, _ and -, and no digit first";
    findings.push(atKey(path, "invalid-name", `"${axis}" can't be the name of an axis`, hint));
    return false;
  }
  if (values.length === 0) {
    findings.push(
      atValue(path, "invalid-matrix", `the axis "${axis}" has no values`, "an axis needs at least one value"),
    );
  }
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    const text = JSON.stringify(value);
    if (seen.has(text)) {
      const message = `the axis "${axis}" has ${describeValue(value)} twice`;
      findings.push(atValue([...path, index], "invalid-matrix", message, "remove one of them: variants must differ"));
    }
    seen.add(text);
  }
  return true;
}

function checkExcluded(matrix: MatrixDefinition, path: KeyPath, findings: Finding[]): void {
  const axes = Object.keys(matrix.axes);
  for (const [index, entry] of matrix.exclude.entries()) {
    for (const axis of Object.keys(entry)) {
      if (axes.includes(axis)) continue;
      const hint = (): string | null => didYouMean(axis, axes) ?? `the axes are ${axes.join(", ")}`;
      findings.push(atKey([...path, "exclude", index, axis], "unknown-axis", `there is no axis "${axis}"`, hint));
    }
  }
}
