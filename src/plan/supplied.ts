/** The datasets that a run is given by `consumes`, wherever they come from: as declared, or settled. */
export interface Supplied {
  consumes: Readonly<Record<string, unknown>>;
  injects: Readonly<Record<string, unknown>>;
}

export function listSupplied({ consumes, injects }: Supplied): string[] {
  return [...Object.keys(consumes), ...Object.keys(injects)];
}

export function isSupplied({ consumes, injects }: Supplied, dataset: string): boolean {
  return Object.hasOwn(consumes, dataset) || Object.hasOwn(injects, dataset);
}
