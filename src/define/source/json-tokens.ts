/** Kind of a token of a JSON text: a bracket or mark, a string, any other scalar, or a text that is no JSON. */
export type TokenKind = "{" | "}" | "[" | "]" | "," | ":" | "string" | "literal" | "bad" | "end";

/** A scanner of strict JSON. The token's fields change with every `next`. */
export interface JsonTokens {
  kind: TokenKind;
  start: number;
  /** Behind the token. */
  end: number;
  next(): TokenKind;
}

const LITERAL = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Text that a reader would take for one word, to be named in a problem. */
const WORD = /\/[/*]|[^\s{}[\],:"]+|./suy;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** Scans `text` from `offset`. It does not recurse, and looks at every character once. */
export function createJsonTokens(text: string, offset = 0): JsonTokens {
  const tokens: JsonTokens = {
    kind: "end",
    start: offset,
    end: offset,
    next() {
      tokens.start = skipSpace(text, tokens.end);
      tokens.end = tokens.start;
      tokens.kind = scanToken(text, tokens);
      return tokens.kind;
    },
  };
  return tokens;
}

function scanToken(text: string, tokens: JsonTokens): TokenKind {
  const mark = text[tokens.start];
  switch (mark) {
    case undefined:
      return "end";
    case "{":
    case "}":
    case "[":
    case "]":
    case ",":
    case ":":
      tokens.end += 1;
      return mark;
    case '"':
      return scanString(text, tokens);
    default:
      tokens.end = matchEnd(WORD, text, tokens.start);
      return matchEnd(LITERAL, text, tokens.start) === tokens.end ? "literal" : "bad";
  }
}

function matchEnd(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : start;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === SPACE || (code >= 9 && code <= 13); code = text.charCodeAt(++at)) {
    if (code === 11 || code === 12) break;
  }
  return at;
}

/** Ends behind the closing quote, or at the control character or end of text that comes before one. */
function scanString(text: string, tokens: JsonTokens): TokenKind {
  let at = tokens.start + 1;
  for (let code = text.charCodeAt(at); code >= SPACE; code = text.charCodeAt(++at)) {
    if (code === QUOTE) {
      tokens.end = at + 1;
      return "string";
    }
    if (code === BACKSLASH) at += 1;
  }
  tokens.end = Math.min(at, text.length);
  return "bad";
}
