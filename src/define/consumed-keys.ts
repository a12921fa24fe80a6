/** What says where consumed data come from, and which keys may stand beside it. */
const KEYS_BESIDE: Readonly<Record<string, readonly string[]>> = {
  run: ["dataset", "as", "where"],
  file: [],
  value: [],
  run_id: ["dataset", "as"],
  alias: ["dataset", "as"],
};
const SOURCES = Object.keys(KEYS_BESIDE);
const ALL_KEYS = [...new Set([...SOURCES, ...Object.values(KEYS_BESIDE).flat()])];

/** What a dataset below `consumes` may have, as far as one of the keys that stand there tells. */
export function listConsumedKeys(present: readonly string[]): readonly string[] {
  const source = findSource(present);
  return source === undefined ? ALL_KEYS : [source, ...(KEYS_BESIDE[source] ?? [])];
}

/** For a key that a dataset from elsewhere may have, and this one may not. */
export function hintForConsumedKey(key: string, present: readonly string[]): string | null {
  const source = findSource(present.filter((other) => other !== key));
  if (source === undefined || !ALL_KEYS.includes(key)) return null;
  if (SOURCES.includes(key)) return `the data come from one place: leave out \`${source}\` or \`${key}\``;
  return `with \`${source}\` there is no \`${key}\``;
}

function findSource(present: readonly string[]): string | undefined {
  return SOURCES.find((source) => present.includes(source));
}
