import type { Json } from "../../src/core/run.ts";

/** Where a value stands in a JSON document: keys, and places in lists. */
export type Place = readonly (string | number)[];

/** Every value of a document, itself and mappings and lists included. */
export function listPlaces(value: Json, place: Place = []): Place[] {
  const members = value === null || typeof value !== "object" ? [] : Object.entries(value as Record<string, Json>);
  const step = Array.isArray(value) ? Number : String;
  return [place, ...members.flatMap(([key, member]) => listPlaces(member, [...place, step(key)]))];
}

export function valueAt(document: Json, place: Place): Json {
  return place.reduce<Json>((value, key) => (value as Record<string | number, Json>)[key] as Json, document);
}

/** The places of a document that hold texts. */
export function listTexts(document: Json): Place[] {
  return listPlaces(document).filter((place) => typeof valueAt(document, place) === "string");
}

/** The places of a document that hold mappings. */
export function listMappings(document: Json): Place[] {
  return listPlaces(document).filter((place) => {
    const value = valueAt(document, place);
    return value !== null && typeof value === "object" && !Array.isArray(value);
  });
}

/** The document with `written`, which need not be JSON, in a place. */
export function writeAt(document: Json, place: Place, written: string): string {
  const copy = structuredClone(document);
  const mark = "\u0001here\u0001";
  const [last] = place.slice(-1);
  if (last === undefined) return written;
  (valueAt(copy, place.slice(0, -1)) as Record<string | number, Json>)[last] = mark;
  return JSON.stringify(copy).replace(JSON.stringify(mark), () => written);
}

/** The document with a further member, which need not be JSON, at the end of a mapping. */
export function addAt(document: Json, place: Place, member: string): string {
  const inside = JSON.stringify(valueAt(document, place)).slice(1, -1);
  return writeAt(document, place, `{${inside}${inside === "" ? "" : ","}${member}}`);
}

/** The document with another text in every place that has one and is wanted, and in every key if those are. */
export function replaceTexts(value: Json, replace: (text: string, isKey: boolean) => string): Json {
  if (typeof value === "string") return replace(value, false);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((member) => replaceTexts(member, replace));
  const members = Object.entries(value).map(([key, member]) => [replace(key, true), replaceTexts(member, replace)]);
  return Object.fromEntries(members);
}

/** `runs.make.pins[0]`, for the name of a case. */
export function namePlace(place: Place): string {
  return place.length === 0 ? "all of it" : place.join(".");
}

/** Lists, and mappings, in one another, closed. */
export function nest(open: "[" | "{", times: number): string {
  return open === "[" ? "[".repeat(times) + "]".repeat(times) : `${'{"a":'.repeat(times)}1${"}".repeat(times)}`;
}

/** The beginnings of a text, so many, from nothing to all but one byte. */
export function cutText(text: string, count: number): Buffer[] {
  const bytes = Buffer.from(text);
  const lengths = Array.from({ length: count }, (_, at) => Math.floor((at * (bytes.length - 1)) / (count - 1)));
  return lengths.map((length) => bytes.subarray(0, length));
}
