import type { Json } from "../core/run.ts";

/** One text per JSON value: keys sorted by code unit, no white space. */
export function formatCanonical(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(formatCanonical).join(",")}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${formatCanonical(member)}`).join(",")}}`;
}

/** True if two values are the same JSON: `1` is not `"1"`, and the order of keys does not matter. */
export function isSameJson(a: Json, b: Json): boolean {
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b;
  return formatCanonical(a) === formatCanonical(b);
}
