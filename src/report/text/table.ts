import { cleanText } from "./clean-text.ts";
import { displayWidth, truncateText } from "./display-width.ts";
import { renderSpans, type Span, showIdsOf, styled, type TextOptions } from "./spans.ts";

export interface Column {
  title: string;
  align?: "left" | "right";
  /** May be cut to fit the terminal. Ids never are: people copy them. */
  flexible?: boolean;
  /** Left out where the table does not fit, before anything is cut; the last column first. */
  optional?: boolean;
  /** Is cut before an optional column is left out. */
  yielding?: boolean;
}

const GAP = "  ";
const MIN_WIDTH = 8;

/** An aligned table with a header, one line a row; columns that are empty in every row are left out. */
export function renderTable(columns: readonly Column[], rows: readonly Span[][], options: TextOptions): string[] {
  if (rows.length === 0) return [];
  // All of a table is looked at before any of it is shown, as ids that end alike are told apart.
  options.ids?.(rows.flatMap((row) => row.map(({ text }) => text)));
  const shownRows = rows.map((row) => showIdsOf(row, options.ids));
  const table = [columns.map(({ title }) => styled("dim", title)), ...shownRows];
  const shown = chooseColumns(columns, table, options.columns);
  const keep = <T>(cells: readonly T[]): T[] => cells.filter((_, at) => shown.has(at));
  const lines = alignRows(keep(columns), table.map(keep), options.columns);
  return lines.map((line) => renderSpans(line, { ...options, columns: null }).trimEnd());
}

/** Chooses the columns with a value, without the optional ones that do not fit. */
function chooseColumns(
  columns: readonly Column[],
  table: readonly (readonly Span[])[],
  width: number | null,
): ReadonlySet<number> {
  const widths = naturalWidths(columns, table).map((natural, at) =>
    columns[at]?.yielding ? Math.min(natural, MIN_WIDTH) : natural,
  );
  const used = columns.map((_, at) => at).filter((at) => table.slice(1).some((row) => (row[at]?.text ?? "") !== ""));
  const shown = new Set(used);
  for (const at of used.toReversed()) {
    const room = [...shown].reduce((sum, each) => sum + (widths[each] ?? 0) + GAP.length, -GAP.length);
    if (columns[at]?.optional && room > (width ?? Infinity)) shown.delete(at);
  }
  return shown;
}

/** The cells padded to common widths, flexible columns cut until a row fits into `width`. */
export function alignRows(
  columns: readonly Column[],
  rows: readonly (readonly Span[])[],
  width: number | null,
): Span[][] {
  const widths = fitWidths(columns, naturalWidths(columns, rows), width);
  return rows.map((row) => columns.flatMap((column, at) => alignCell(column, row[at], { widths, at })));
}

function alignCell(
  column: Column,
  cell: Span | undefined,
  { widths, at }: { widths: readonly number[]; at: number },
): Span[] {
  const width = widths[at] ?? 0;
  const text = truncateText(cleanText(cell?.text ?? ""), width);
  const padding = " ".repeat(width - displayWidth(text));
  const content = { text, style: cell?.style };
  const isLast = at === widths.length - 1;
  if (column.align === "right") return [{ text: padding }, content, { text: isLast ? "" : GAP }];
  return isLast ? [content] : [content, { text: padding + GAP }];
}

function naturalWidths(columns: readonly Column[], rows: readonly (readonly Span[])[]): number[] {
  const widths = columns.map(() => 0);
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, displayWidth(cleanText(cell.text)));
    });
  }
  return widths;
}

function fitWidths(columns: readonly Column[], widths: readonly number[], width: number | null): number[] {
  const fitted = columns.map(({ flexible }, at) =>
    Math.min(widths[at] ?? 0, flexible ? Math.max(0, width ?? Infinity) : Infinity),
  );
  let excess = fitted.reduce((sum, each) => sum + each, GAP.length * (fitted.length - 1)) - (width ?? Infinity);
  while (excess > 0) {
    const widest = widestFlexible(columns, fitted);
    if (widest === null) break;
    fitted[widest] = (fitted[widest] ?? 0) - 1;
    excess -= 1;
  }
  return fitted;
}

function widestFlexible(columns: readonly Column[], widths: readonly number[]): number | null {
  let widest: number | null = null;
  columns.forEach((column, at) => {
    const width = widths[at] ?? 0;
    if (column.flexible && width > MIN_WIDTH && width > (widest === null ? 0 : (widths[widest] ?? 0))) widest = at;
  });
  return widest;
}
