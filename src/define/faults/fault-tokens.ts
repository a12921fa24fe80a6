import type { Location } from "../../core/error/problem.ts";

/** A word of a fault script. */
export interface FaultToken {
  text: string;
  /** True for a word in double quotes, which can only be the name of a run. */
  isQuoted: boolean;
  location: Location;
}

/** A word may hold blanks within brackets, as names of arms do, and within double quotes, which end on their line. `#` begins a comment. */
const WORD = /"((?:[^"\\\n]|\\.)*)"|(?:\[[^\]\n]*\]|[^\s;#"[])+|\[[^\s;]*/gy;
const BETWEEN = /(?:[^\S\n]|#[^\n]*)*/gy;

/** The words of each line; `;` ends a line as a line break does. Lines without words are left out. */
export function splitFaultScript(text: string, file: string): FaultToken[][] {
  const lines: FaultToken[][] = [[]];
  const place = { line: 1, start: 0 };
  for (let at = 0; at < text.length; ) {
    at = skip(BETWEEN, text, at);
    const sign = text[at];
    if (sign === "\n" || sign === ";") {
      lines.push([]);
      at += 1;
      if (sign === "\n") Object.assign(place, { line: place.line + 1, start: at });
      continue;
    }
    if (sign === undefined) break;
    const end = Math.max(at + 1, skip(WORD, text, at));
    const word = text.slice(at, end);
    const isQuoted = word.length > 1 && word.startsWith('"') && word.endsWith('"');
    const location = { file, line: place.line, column: at - place.start + 1 };
    lines.at(-1)?.push({ text: isQuoted ? unquote(word) : word, isQuoted, location });
    at = end;
  }
  return lines.filter((line) => line.length > 0);
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}

function unquote(word: string): string {
  return word.slice(1, -1).replaceAll(/\\(.)/g, "$1");
}
