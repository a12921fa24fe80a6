import { displayWidth } from "./text/display-width.ts";

/** The indentation of a line, with the branches of a tree. */
const LEAD = /^(?:[│├└]?─? ?)* */u;
const HANGING = "    ";
/** With less room a deep tree would be a column of words. */
const MIN_ROOM = 30;

/**
 * A line as lines of at most `columns`, cut at spaces; those after the first are indented below it, and branches of a tree go on. A word
 * is never cut, as people copy paths and commands: one that is too long stands on a line of its own.
 */
export function foldLine(line: string, columns: number): string[] {
  const [lead = ""] = LEAD.exec(line) ?? [];
  if (displayWidth(line) <= columns || columns - lead.length < MIN_ROOM) return [line];
  const below = `${lead.replaceAll(/[├└]/gu, (branch) => (branch === "├" ? "│" : " ")).replaceAll("─", " ")}${HANGING}`;
  const lines: string[] = [];
  let current = lead;
  let isEmpty = true;
  for (const [, gap = "", word = ""] of line.slice(lead.length).matchAll(/( *)([^ ]+)/gu)) {
    const longer = `${current}${isEmpty ? "" : gap}${word}`;
    if (isEmpty || displayWidth(longer) <= columns) current = longer;
    else {
      lines.push(current);
      current = `${below}${word}`;
    }
    isEmpty = false;
  }
  return [...lines, current];
}
