import type { CatalogEntry, JsonObject } from "../core/run.ts";

/** Keys whose values hold arguments or other stores, never the entry's own data: as in the worker's `locate.py`. */
const OPAQUE = new Set([
  "load_args",
  "save_args",
  "fs_args",
  "credentials",
  "metadata",
  "checkpoint",
  "validator",
  "connection",
  "kwargs",
]);

/**
 * Returns the end of the names of a version's files, if its entry is a folder of partitions, which may be shared with
 * other datasets; else an empty text: every file is part of it.
 */
export function partitionSuffix(entry: CatalogEntry | null | undefined): string {
  return entry == null ? "" : (findSuffix(entry.config) ?? "");
}

/** Null if the configuration has no path, here or further in. */
function findSuffix(config: JsonObject): string | null {
  const { filepath, path, dataset, filename_suffix } = config;
  if (typeof filepath === "string") return "";
  if (typeof path === "string")
    return dataset !== undefined && typeof filename_suffix === "string" ? filename_suffix : "";
  for (const [key, value] of Object.entries(config)) {
    const isInner = typeof value === "object" && value !== null && !Array.isArray(value) && !OPAQUE.has(key);
    const found = isInner ? findSuffix(value as JsonObject) : null;
    if (found !== null) return found;
  }
  return null;
}
