import type { Location, Problem } from "../../core/error/problem.ts";
import type { KeyPath } from "../definition.ts";
import { createLineIndex } from "./line-index.ts";

/** Half of `key: value`. */
export type Part = "key" | "value";

/**
 * Finds `path` in a file, or else the part around it. A mapping or a list stands where its key does, so that a problem
 * of a run points to the run's name. Null if there is no file.
 */
export type Locate = (path: KeyPath, part?: Part) => Location | null;

/** Result of reading a text of one format. */
export interface Source {
  value: unknown;
  locate: Locate;
  /** Found while reading: duplicate keys, reserved keys. */
  problems: Problem[];
}

/** Lists and mappings nested deeper than this are refused, so that no recursion can run out of stack. */
export const MAX_DEPTH = 100;

/** Keys that JavaScript objects give a meaning of their own. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Turns offsets of `text` into locations of `file`, which is named as the user will read it. */
export function createLocator(file: string, text: string): (offset: number) => Location {
  const lines = createLineIndex(text);
  return (offset) => ({ file, ...lines.positionOf(offset) });
}
