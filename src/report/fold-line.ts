import { displayWidth } from "./text/display-width.ts";
import { renderSpans, type Span, type TextOptions } from "./text/spans.ts";

/** The indentation of a line, with the branches of a tree. */
const LEAD = /^(?:[│├└]?─? ?)* */u;
const HANGING = "    ";
/** Least room for folded text: with less, a deep tree would be a column of words. */
const MIN_ROOM = 30;

/** Renders a sentence, or a field of one, as lines of the terminal's width; one line where that has no limit. */
export function renderFolded(spans: readonly Span[], options: TextOptions): string[] {
  const { columns } = options;
  const line = renderSpans(spans, { ...options, columns: null });
  return columns === null ? [line] : foldLine(line, columns);
}

/**
 * A line as lines of at most `columns`: cut between its parts, which stand two spaces apart, and where a part is too long, between its
 * words. Lines after the first are indented below it, and branches of a tree go on. A word is never cut, as people copy paths and
 * commands: one that is too long stands on a line of its own.
 */
export function foldLine(line: string, columns: number): string[] {
  const [lead = ""] = LEAD.exec(line) ?? [];
  if (displayWidth(line) <= columns || columns - lead.length < MIN_ROOM) return [line];
  const below = `${lead.replaceAll(/[├└]/gu, (branch) => (branch === "├" ? "│" : " ")).replaceAll("─", " ")}${HANGING}`;
  const lines: string[] = [];
  let current = lead;
  const fits = (text: string) => displayWidth(text) <= columns;
  const add = (gap: string, text: string) => {
    if (current === lead || fits(`${current}${gap}${text}`)) current += current === lead ? text : `${gap}${text}`;
    else {
      lines.push(current);
      current = `${below}${text}`;
    }
  };
  for (const [, gap = "", part = ""] of line.slice(lead.length).matchAll(/( *)((?:[^ ]| (?! ))+)/gu)) {
    if (fits(`${below}${part}`)) add(gap, part);
    else for (const [at, word] of part.split(" ").entries()) add(at === 0 ? gap : " ", word);
  }
  return [...lines, current];
}
