import { StringDecoder } from "node:string_decoder";

/** Turns what a program printed, in pieces as they come, into text that is safe on a terminal. */
export interface TerminalFilter {
  write(piece: Buffer): string;
  /** The rest of what was written. */
  end(): string;
}

// ECMA-48: the introducers of sequences, in 7 bits and in 8.
const BEL = "\u0007";
const ESC = "\u001b";
const TERMINATOR = "\u009c";
const PARAMETERS = `(?:${ESC}\\[|\u009b)[0-?]*[ -/]*`;
/** A string without its end, such as one that sets a title or the clipboard; one character of it, so that it can be repeated. */
const STRING = `(?:${ESC}[\\]PX^_]|[\u0090\u0098\u009d-\u009f])[^${BEL}${ESC}${TERMINATOR}\n]`;
const SEQUENCES = [
  `${PARAMETERS}[@-~]`,
  `${STRING}*(?:${BEL}|${ESC}\\\\|${TERMINATOR})`,
  `${ESC}[ -/]*[0-Z\\\\\u0060-~]`,
];
/** Controls but tabs and line feeds, and what turns the direction of writing. */
const CONTROLS = "(?![\\t\\n])\\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]";
const UNSAFE = new RegExp(`${SEQUENCES.join("|")}|\\r\\n?|${CONTROLS}`, "gu");
const COLOR = new RegExp(`^${ESC}\\[[\\d;:]*m$`);
/** The beginning of a sequence, whose rest may be in the next piece; a carriage return likewise. */
const UNFINISHED = new RegExp(`(?:\\r|${PARAMETERS}|${STRING}{0,4000}${ESC}?|${ESC}[ -/]*)$`, "u");
const RESET = "\x1b[0m";

/**
 * A filter that keeps text, tabs, line feeds and, with `color`, colours. All that moves the cursor, sets titles, reaches the clipboard
 * or turns the direction of writing is left out; a carriage return begins a new line, as what stood before it would be hidden.
 */
export function createTerminalFilter({ color }: { color: boolean }): TerminalFilter {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  let isColored = false;
  const clean = (text: string) =>
    text.replaceAll(UNSAFE, (found) => {
      if (found.startsWith("\r")) return "\n";
      if (!color || !COLOR.test(found)) return "";
      isColored = true;
      return found;
    });
  return {
    write: (piece) => {
      const text = pending + decoder.write(piece);
      const end = UNFINISHED.exec(text)?.index ?? text.length;
      pending = text.slice(end);
      return clean(text.slice(0, end));
    },
    end: () => clean(pending + decoder.end()) + (isColored ? RESET : ""),
  };
}
