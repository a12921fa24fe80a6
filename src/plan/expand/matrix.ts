import type { Json } from "../../core/run.ts";
import type { MatrixDefinition } from "../../define/definition.ts";
import { formatCanonical, isSameJson } from "../canonical-json.ts";

/** The values of one arm, keys in declaration order. */
export type Arm = Record<string, Json>;

const PLAIN_WORD = /^[A-Za-z0-9_.+-]+$/;

/** Counts the arms that the axes alone make, before `exclude` and `include`. */
export function countProduct(matrix: MatrixDefinition): number {
  const axes = Object.values(matrix.axes);
  return axes.length === 0 ? 0 : axes.reduce((count, values) => count * values.length, 1);
}

/**
 * The arms of a matrix in declaration order, the last axis varying fastest. As in GitHub Actions, `exclude` drops every
 * arm that has all of its values; an entry of `include` is added to each arm of the axes that it does not contradict,
 * and is an arm of its own if there is none.
 */
export function listArms(matrix: MatrixDefinition): Arm[] {
  const arms = crossAxes(matrix.axes).filter((arm) => !matrix.exclude.some((values) => hasValues(arm, values)));
  const extended = arms.map((arm): Arm => ({ ...arm }));
  const added: Arm[] = [];
  for (const entry of matrix.include) {
    const matching = extended.filter((_, index) => agreesWith(arms[index] ?? {}, entry));
    for (const arm of matching) Object.assign(arm, entry);
    if (matching.length === 0) added.push(orderKeys(entry, matrix.axes));
  }
  return [...extended, ...added];
}

/** `train[seed=1,model=linear]`: canonical JSON for what is not a plain word. */
export function formatArmName(run: string, arm: Arm): string {
  const values = Object.entries(arm).map(([key, value]) => `${formatWord(key)}=${formatWord(value)}`);
  return `${run}[${values.join(",")}]`;
}

/** The run and the values that an arm's name tells; null for the name of no arm. A text of digits can't be told from a number. */
export function parseArmName(name: string): { run: string; arm: Arm } | null {
  const at = name.indexOf("[");
  if (at < 1 || !name.endsWith("]")) return null;
  const arm: [string, Json][] = [];
  for (let rest = name.slice(at + 1, -1); rest !== ""; ) {
    const key = takeWord(rest, "=");
    const value = key === null ? null : takeWord(key.rest, ",");
    if (key === null || value === null) return null;
    arm.push([typeof key.value === "string" ? key.value : formatCanonical(key.value), value.value]);
    rest = value.rest;
  }
  return { run: name.slice(0, at), arm: Object.fromEntries(arm) };
}

/** The word before the first separator that is not inside of it. */
function takeWord(text: string, separator: string): { value: Json; rest: string } | null {
  for (let end = 0; end <= text.length; end++) {
    if (end < text.length && text[end] !== separator) continue;
    const value = parseWord(text.slice(0, end));
    if (value !== undefined) return { value, rest: text.slice(end + 1) };
  }
  return null;
}

function parseWord(word: string): Json | undefined {
  try {
    const value = JSON.parse(word) as Json;
    if (formatCanonical(value) === word) return value;
  } catch {}
  return PLAIN_WORD.test(word) ? word : undefined;
}

/** True if `arm` has every one of `values`. */
export function hasValues(arm: Arm, values: Arm): boolean {
  return Object.entries(values).every(([key, value]) => {
    const own = arm[key];
    return own !== undefined && isSameJson(own, value);
  });
}

function formatWord(value: Json): string {
  return typeof value === "string" && PLAIN_WORD.test(value) ? value : formatCanonical(value);
}

function crossAxes(axes: Record<string, Json[]>): Arm[] {
  const entries = Object.entries(axes);
  if (entries.length === 0) return [];
  let arms: Arm[] = [{}];
  for (const [key, values] of entries) arms = arms.flatMap((arm) => values.map((value) => ({ ...arm, [key]: value })));
  return arms;
}

function agreesWith(arm: Arm, entry: Arm): boolean {
  return Object.entries(arm).every(([key, value]) => {
    const wanted = entry[key];
    return wanted === undefined || isSameJson(wanted, value);
  });
}

function orderKeys(entry: Arm, axes: Record<string, Json[]>): Arm {
  const keys = [...Object.keys(axes), ...Object.keys(entry)].filter((key) => Object.hasOwn(entry, key));
  return Object.fromEntries([...new Set(keys)].map((key) => [key, entry[key] ?? null]));
}
