import type { Json, JsonObject } from "../../core/run.ts";
import { formatCanonical } from "../../plan/canonical-json.ts";

/**
 * Digests of parameters leaf by leaf, `model.seed` of `{ model: { seed: 1 } }`, so that a difference has a name. A key that could
 * be taken for a way is quoted: no two objects have the same leaves.
 */
export function describeParameters(params: JsonObject, digest: (text: string) => string): Record<string, string> {
  return Object.fromEntries(listLeaves(params, "").map(([way, value]) => [way, digest(formatCanonical(value))]));
}

function listLeaves(value: Json, way: string): [way: string, value: Json][] {
  const isMapping = value !== null && typeof value === "object" && !Array.isArray(value);
  const members = isMapping ? Object.entries(value) : [];
  if (members.length === 0) return way === "" ? [] : [[way, value]];
  return members.flatMap(([key, member]) => listLeaves(member, `${way}${way === "" ? "" : "."}${nameKey(key)}`));
}

function nameKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}
