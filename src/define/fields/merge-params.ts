import { isMapping } from "../../core/json.ts";
import type { JsonObject } from "../../core/run.ts";

/** Mappings are merged key by key as Kedro does, anything else is replaced. */
export function mergeParams(base: JsonObject = {}, own: JsonObject = {}): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const below = merged[key];
    merged[key] = isMapping(below) && isMapping(value) ? mergeParams(below, value) : value;
  }
  return merged;
}
