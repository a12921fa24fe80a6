/** A fault of the layout: where it is, and what is wrong there. */
export interface LayoutFault {
  offset: number;
  message: string;
  hint: string;
}

const SAME_COLUMN = "must start at the same column";
const NESTED = "Nested mappings are not allowed";

/**
 * Says in plain words what the YAML library says of its grammar: a line that is indented like none of the lines that it could belong to,
 * or two keys on one line. Null if it is something else. `offset` is that of the library's error.
 */
export function findLayoutFault(text: string, offset: number, message: string): LayoutFault | null {
  if (message.includes(SAME_COLUMN)) return describeIndent(text, offset);
  if (!message.includes(NESTED)) return null;
  const end = endOfLine(text, offset);
  if (/:(\s|$)/.test(text.slice(offset, end))) {
    return { offset, message: "a second key on one line", hint: "if it is one value, quote it; else begin a new line" };
  }
  return describeIndent(text, end + 1);
}

/** Indentation of the line at `offset`, or of the first line below it that is neither empty nor a comment. */
function describeIndent(text: string, offset: number): LayoutFault {
  const line = text.lastIndexOf("\n", offset - 1) + 1;
  const passed = /^(?:[^\S\n]*(?:#[^\n]*)?\n)*/.exec(text.slice(line))?.[0].length ?? 0;
  const start = line + passed;
  const indent = indentOf(text.slice(start, endOfLine(text, start)));
  const above = listIndents(text.slice(0, start).split("\n"));
  const [last, ...others] = above.map(String).reverse();
  const listed = others.length === 0 ? last : `${others.reverse().join(", ")} or ${last}`;
  return {
    offset: start + indent,
    message: `this line is indented by ${indent} ${indent === 1 ? "space" : "spaces"}, the lines above by ${listed}`,
    hint: "give it the indentation of the lines that it belongs to",
  };
}

/** The indentations that are open where the lines end, the nearest first: each less than the one before. */
function listIndents(lines: readonly string[]): number[] {
  const open: number[] = [];
  for (const line of lines.toReversed()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const indent = indentOf(line);
    if (indent < (open.at(-1) ?? Number.POSITIVE_INFINITY)) open.push(indent);
    if (indent === 0) break;
  }
  return open;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end;
}
