/**
 * The name of a dataset without its format: `table` of `table@pandas`. Kedro takes `table@pandas` and `table@spark` for
 * one file, so a version, and thereby a pin, is always of all of them.
 */
export function baseName(dataset: string): string {
  const at = dataset.indexOf("@");
  return at <= 0 ? dataset : dataset.slice(0, at);
}

/** The ones among `names` that are the same file as `dataset`: itself, and its `@` siblings. */
export function findSiblings(names: readonly string[], dataset: string): string[] {
  const base = baseName(dataset);
  return names.filter((name) => baseName(name) === base);
}

/** `dataset` if it is among `names`, else its first sibling, else null. */
export function findWritten(names: readonly string[], dataset: string): string | null {
  return names.includes(dataset) ? dataset : (findSiblings(names, dataset)[0] ?? null);
}

/** True if `declared` means `dataset`: a name without a format means every format, one with a format only itself. */
export function isDeclared(declared: readonly string[], dataset: string): boolean {
  return declared.includes(dataset) || declared.includes(baseName(dataset));
}
