import { listClasses } from "../../../core/catalog-classes.ts";
import { isMapping } from "../../../core/json.ts";
import type { CatalogEntry, Json, JsonObject } from "../../../core/run.ts";

/**
 * The catalog entry to record of a version: what the project said when the plan was made. Of what the run says only places of its
 * own count, and what it left out of `versioned`. Null if the run has saved by other classes than the project named.
 */
export function settleEntry(
  planned: CatalogEntry,
  told: CatalogEntry | null,
  isOwnPlace: (text: string) => boolean,
): CatalogEntry | null {
  if (told === null || !hasSameClasses(planned.config, told.config)) return null;
  return { config: merge(planned.config, told.config, isOwnPlace) as JsonObject, versioned: planned.versioned };
}

function hasSameClasses(one: JsonObject, other: JsonObject): boolean {
  return listClasses(one).sort().join("\n") === listClasses(other).sort().join("\n");
}

function merge(planned: Json, told: Json | undefined, isOwnPlace: (text: string) => boolean): Json {
  if (typeof planned === "string") return typeof told === "string" && isOwnPlace(told) ? told : planned;
  if (Array.isArray(planned)) {
    return planned.map((each, at) => merge(each, Array.isArray(told) ? told[at] : undefined, isOwnPlace));
  }
  if (!isMapping(planned)) return planned;
  const from = isMapping(told) ? told : {};
  const parts = Object.entries(planned)
    .filter(([key]) => key !== "versioned" || Object.hasOwn(from, key))
    .map(([key, value]) => [key, merge(value, from[key], isOwnPlace)] as const);
  return Object.fromEntries(parts);
}
