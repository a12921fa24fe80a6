import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import type { Leniency } from "../core/answer/leniency.ts";
import { kindOf } from "./data-kind.ts";
import { parseCsv } from "./parse-csv.ts";

/** Size in bytes above which files are compared by their bytes alone. */
const MAX_BYTES = 64_000_000;

type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

/**
 * Describes how the values of two CSV, TSV or JSON files differ, as the end of a sentence; null if they are equal, or
 * undefined if they are of no such kind, or can't be read.
 */
export async function compareFiles(a: string, b: string, leniency: Leniency): Promise<string | null | undefined> {
  try {
    const [left, right] = [await readValue(a), await readValue(b)];
    return left === undefined || right === undefined ? undefined : findDifference(left, right, leniency, "it");
  } catch {
    return undefined;
  }
}

async function readValue(path: string): Promise<Value | undefined> {
  const kind = extname(path).toLowerCase();
  if (![".csv", ".tsv", ".json"].includes(kind)) return undefined;
  const found = await stat(path);
  if (kindOf(found) !== "file" || found.size > MAX_BYTES) return undefined;
  const text = await readFile(path, "utf8");
  if (kind === ".json") return JSON.parse(text) as Value;
  const [header = [], ...rows] = parseCsv(text, kind === ".tsv" ? "\t" : ",");
  return { columns: header, rows: rows.map((row) => row.map(readCell)) };
}

function readCell(text: string): Value {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : text;
}

/** The first difference of two values of JSON; null if there is none. */
export function findDifference(a: Value, b: Value, leniency: Leniency, at: string): string | null {
  if (typeof a === "number" && typeof b === "number") return isClose(a, b, leniency) ? null : tell(at, a, b);
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object")
    return a === b ? null : tell(at, a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return tell(at, a, b);
  return Array.isArray(a) && Array.isArray(b)
    ? findListDifference(a, b, leniency, at)
    : findMappingDifference(a as { [key: string]: Value }, b as { [key: string]: Value }, leniency, at);
}

function findListDifference(a: Value[], b: Value[], leniency: Leniency, at: string): string | null {
  if (a.length !== b.length) return `${at} had ${a.length} items and has ${b.length}`;
  const [left, right] = leniency.ignoreRowOrder ? [sort(a), sort(b)] : [a, b];
  for (const [index, value] of left.entries()) {
    const found = findDifference(value, right[index] ?? null, leniency, `${at}[${index}]`);
    if (found !== null) return found;
  }
  return null;
}

function findMappingDifference(
  a: { [key: string]: Value },
  b: { [key: string]: Value },
  leniency: Leniency,
  at: string,
): string | null {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (!Object.hasOwn(a, key) || !Object.hasOwn(b, key)) return `${at} has other keys: ${key}`;
    const found = findDifference(a[key] ?? null, b[key] ?? null, leniency, `${at}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function isClose(a: number, b: number, { tolerance }: Leniency): boolean {
  return a === b || Math.abs(a - b) <= Math.max(tolerance, tolerance * Math.max(Math.abs(a), Math.abs(b)));
}

function sort(values: readonly Value[]): Value[] {
  const keyed = values.map((value) => [JSON.stringify(value), value] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, value]) => value);
}

const SHOWN_LENGTH = 80;

function tell(at: string, a: Value, b: Value): string {
  const [before, after] = [JSON.stringify(a), JSON.stringify(b)].map((text) =>
    text.slice(0, SHOWN_LENGTH).toWellFormed(),
  );
  return `${at} was ${before} and is ${after}`;
}
