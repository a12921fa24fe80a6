/** Sorts texts by their code units. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Sorts from the last to the first: of ids and times, the newest comes first. */
export function compareDown(a: string, b: string): number {
  return compareText(b, a);
}
