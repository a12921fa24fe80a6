import type { Location } from "../../core/error/problem.ts";
import type { KeyPath } from "../definition.ts";
import { createJsonTokens, type JsonTokens } from "./json-tokens.ts";
import type { Locate, Part } from "./source.ts";

interface Entry {
  /** Offset of the key, or of the item itself in a list. */
  keyOffset: number;
  valueOffset: number;
}

type Entries = Map<string | number, Entry>;

/** Lists and mappings in fewer characters are scanned again faster than they are kept. */
const KEPT_FROM = 4096;

/** Locates parts of a text that is known to be valid JSON: scans only the mappings on the way, and only when asked. */
export function createJsonPlaces(text: string, locateOffset: (offset: number) => Location): Locate {
  const kept = new Map<number, Entries>();
  const entriesAt = (offset: number): Entries => {
    const known = kept.get(offset);
    if (known !== undefined) return known;
    const tokens = createJsonTokens(text, offset + 1);
    const entries = text[offset] === "{" ? scanMapping(text, tokens) : scanList(tokens);
    if (tokens.end - offset >= KEPT_FROM) kept.set(offset, entries);
    return entries;
  };
  return (path, part = "value") => locateOffset(findOffset(text, path, part, entriesAt));
}

function findOffset(text: string, path: KeyPath, part: Part, entriesAt: (offset: number) => Entries): number {
  const start = Math.max(0, text.search(/\S/));
  let place: Entry = { keyOffset: start, valueOffset: start };
  for (const step of path) {
    const entry = isContainer(text, place.valueOffset) ? entriesAt(place.valueOffset).get(step) : undefined;
    if (entry === undefined) return offsetOf(text, place, "value");
    place = entry;
  }
  return offsetOf(text, place, part);
}

function offsetOf(text: string, place: Entry, part: Part): number {
  return part === "key" || isContainer(text, place.valueOffset) ? place.keyOffset : place.valueOffset;
}

function isContainer(text: string, offset: number): boolean {
  return text[offset] === "{" || text[offset] === "[";
}

/** The entries of the mapping that has just been opened; of a repeated key the first. */
function scanMapping(text: string, tokens: JsonTokens): Entries {
  const entries: Entries = new Map();
  while (tokens.next() === "string") {
    const keyOffset = tokens.start;
    const key: string = JSON.parse(text.slice(tokens.start, tokens.end));
    tokens.next();
    tokens.next();
    if (!entries.has(key)) entries.set(key, { keyOffset, valueOffset: tokens.start });
    if (skipValue(tokens) !== ",") break;
  }
  return entries;
}

function scanList(tokens: JsonTokens): Entries {
  const entries: Entries = new Map();
  for (let kind = tokens.next(); kind !== "]" && kind !== "end"; kind = tokens.next()) {
    entries.set(entries.size, { keyOffset: tokens.start, valueOffset: tokens.start });
    if (skipValue(tokens) !== ",") break;
  }
  return entries;
}

/** Moves from the first token of a value to the one behind it. */
function skipValue(tokens: JsonTokens): string {
  let depth = 0;
  do {
    if (tokens.kind === "{" || tokens.kind === "[") depth += 1;
    else if (tokens.kind === "}" || tokens.kind === "]") depth -= 1;
  } while (tokens.next() !== "end" && depth > 0);
  return tokens.kind;
}
