import type { Json, JsonObject } from "./run.ts";

/** True for a mapping: neither null nor a list. The value comes from JSON, or is checked member by member later. */
export function isMapping(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns a copy of a JSON value with each of its texts changed; keys of mappings stay. */
export function mapTexts<T extends Json>(value: T, change: (text: string) => string): T {
  return mapValue(value, change) as T;
}

function mapValue(value: Json, change: (text: string) => string): Json {
  if (typeof value === "string") return change(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => mapValue(item, change));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapValue(member, change)]));
}
