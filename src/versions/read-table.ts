import { readFile, stat } from "node:fs/promises";
import { extname, isAbsolute } from "node:path";
import type { ColumnSummary, TableSummary } from "../core/answer/table-summary.ts";
import { parseCsv } from "./parse-csv.ts";

/** Size in bytes above which a table is compared by its hash and size alone. */
const MAX_BYTES = 20_000_000;
const MAX_COLUMNS = 1000;

/** Rows, columns and a few statistics of a CSV or JSON file; null for what is no such table, too large, or elsewhere. */
export async function summarizeTable(location: string): Promise<TableSummary | null> {
  const kind = extname(location).toLowerCase();
  if (!isAbsolute(location) || ![".csv", ".tsv", ".json"].includes(kind)) return null;
  try {
    const found = await stat(location);
    if (!found.isFile() || found.size > MAX_BYTES) return null;
    const text = await readFile(location, "utf8");
    const records = kind === ".json" ? readJson(text) : readCsv(text, kind === ".tsv" ? "\t" : ",");
    return records === null ? null : summarize(records);
  } catch {
    return null;
  }
}

type Cell = string | number | boolean | null;
type Row = Record<string, Cell>;

function readCsv(text: string, separator: string): Row[] | null {
  const [header, ...lines] = parseCsv(text, separator);
  if (header === undefined) return null;
  return lines.map((line) => Object.fromEntries(header.map((name, index) => [name, readCell(line[index])])));
}

function readCell(text: string | undefined): Cell {
  if (text === undefined || text === "") return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** A list of objects is a table; an object is a table of one row, whose columns are the paths of its leaves. */
function readJson(text: string): Row[] | null {
  const value: unknown = JSON.parse(text);
  const rows = Array.isArray(value) ? value : [value];
  return rows.every((row) => row !== null && typeof row === "object" && !Array.isArray(row)) ? rows.map(flatten) : null;
}

function flatten(value: object): Row {
  const row: Row = {};
  const waiting: (readonly [string, unknown])[] = Object.entries(value);
  for (const [path, part] of waiting) {
    if (part !== null && typeof part === "object")
      waiting.push(...Object.entries(part).map(([key, inner]) => [`${path}.${key}`, inner] as const));
    else row[path] = part as Cell;
    if (waiting.length > MAX_COLUMNS) break;
  }
  return row;
}

function summarize(rows: readonly Row[]): TableSummary {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, MAX_COLUMNS);
  return { rows: rows.length, columns: Object.fromEntries(names.map((name) => [name, describeColumn(rows, name)])) };
}

function describeColumn(rows: readonly Row[], name: string): ColumnSummary {
  const cells = rows.map((row) => row[name] ?? null);
  const numbers = cells.filter((cell) => typeof cell === "number");
  const missing = cells.filter((cell) => cell === null).length;
  if (numbers.length === 0 || numbers.length + missing < cells.length) {
    return { type: "text", missing, distinct: new Set(cells.filter((cell) => cell !== null)).size };
  }
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of numbers) {
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  return { type: "number", missing, min, max, mean: sum / numbers.length };
}
