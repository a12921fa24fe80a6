/** Sorts texts from the last to the first by their code units: of ids and times, the newest comes first. */
export function compareDown(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}
