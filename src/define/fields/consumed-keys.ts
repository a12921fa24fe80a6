import type { IsPresent } from "../schema-issues.ts";

/** Keys that name the source of consumed data, each with the keys that may stand beside it. */
const KEYS_BESIDE: Readonly<Record<string, readonly string[]>> = {
  run: ["dataset", "as", "where"],
  file: [],
  value: [],
  run_id: ["dataset", "as"],
  alias: ["dataset", "as"],
};
const SOURCES = Object.keys(KEYS_BESIDE);
const ALL_KEYS = [...new Set([...SOURCES, ...Object.values(KEYS_BESIDE).flat()])];

/** Lists the keys that a dataset below `consumes` may have, given those that it has. */
export function listConsumedKeys(isPresent: IsPresent): readonly string[] {
  const source = findSource(isPresent);
  return source === undefined ? ALL_KEYS : [source, ...(KEYS_BESIDE[source] ?? [])];
}

/** Hint for a key that a dataset from elsewhere may have, and this one may not. */
export function hintForConsumedKey(key: string, isPresent: IsPresent): string | null {
  const source = findSource((other) => other !== key && isPresent(other));
  if (source === undefined || !ALL_KEYS.includes(key)) return null;
  if (SOURCES.includes(key)) return `the data come from one place: leave out \`${source}\` or \`${key}\``;
  return `with \`${source}\` there is no \`${key}\``;
}

function findSource(isPresent: IsPresent): string | undefined {
  return SOURCES.find((source) => isPresent(source));
}
