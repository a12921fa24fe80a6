declare const RUNWEAVE_VERSION: string;

/** Version of this package; run from its sources, it has none. */
export function readOwnVersion(): string {
  return typeof RUNWEAVE_VERSION === "undefined" ? "0.0.0" : RUNWEAVE_VERSION;
}
