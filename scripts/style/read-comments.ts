import ts from "typescript";

/** A comment as it stands in a file: its first line, counted from 1, and its words on one line. */
export interface Comment {
  line: number;
  text: string;
}

const DIRECTIVE = /^(?:biome-ignore|@|noqa|type:|pragma|ruff:|!)/;
const PYTHON = /(?<=^|\n)[ \t]*(?:[rRbBuU]?"""(?<docstring>[\s\S]*?)"""|#(?<line>[^\n]*(?:\n[ \t]*#[^\n]*)*))/g;

/** Reads the comments of a file, or in Python its docstrings too. Directives for tools are none. */
export function readComments(file: string, text: string): Comment[] {
  const found = file.endsWith(".py") ? readPython(text) : readTypeScript(file, text);
  return found.filter((comment) => /\p{L}/u.test(comment.text) && !DIRECTIVE.test(comment.text));
}

function readTypeScript(file: string, text: string): Comment[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) ranges.set(range.pos, range);
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const range of ts.getLeadingCommentRanges(text, source.endOfFileToken.getFullStart()) ?? [])
    ranges.set(range.pos, range);
  const sorted = [...ranges.values()].sort((a, b) => a.pos - b.pos);
  return joinLines(sorted, text).map(({ pos, end }) => ({
    line: source.getLineAndCharacterOfPosition(pos).line + 1,
    text: strip(text.slice(pos, end), /^\s*(?:\/\*\*?|\*\/|\*|\/\/)|\*\/\s*$/gm),
  }));
}

/** Joins line comments that follow each other without code in between: they are one comment. */
function joinLines(ranges: readonly ts.CommentRange[], text: string): { pos: number; end: number }[] {
  const joined: { pos: number; end: number; kind: ts.CommentKind }[] = [];
  for (const { pos, end, kind } of ranges) {
    const last = joined.at(-1);
    const isNext = last?.kind === kind && kind === ts.SyntaxKind.SingleLineCommentTrivia;
    if (isNext && /^\r?\n[ \t]*$/.test(text.slice(last.end, pos))) last.end = end;
    else joined.push({ pos, end, kind });
  }
  return joined;
}

function readPython(text: string): Comment[] {
  return [...text.matchAll(PYTHON)].map(({ 0: whole, index, groups = {} }) => ({
    line: text.slice(0, index + whole.search(/\S/)).split("\n").length,
    text: strip(groups.docstring ?? groups.line ?? "", /^\s*#+/gm),
  }));
}

function strip(text: string, marks: RegExp): string {
  return text.replaceAll(marks, "").replaceAll(/\s+/g, " ").trim();
}
