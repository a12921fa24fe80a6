import type { VersionRecord } from "../core/run.ts";
import { baseName } from "../plan/transcoding.ts";

/**
 * The version of `dataset` among what an attempt saved. A name without a format (`table`) also finds its transcoded forms
 * (`table@pandas`), and a transcoded name the plain one: all `@` siblings are one file, so they have one version.
 * Null if there is none.
 */
export function findVersion(outputs: Readonly<Record<string, VersionRecord>>, dataset: string): VersionRecord | null {
  const exact = Object.hasOwn(outputs, dataset) ? outputs[dataset] : undefined;
  if (exact !== undefined) return exact;
  const base = baseName(dataset);
  const sibling = Object.keys(outputs).find((name) => baseName(name) === base);
  return sibling === undefined ? null : (outputs[sibling] ?? null);
}
