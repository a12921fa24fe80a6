export interface Unquoted {
  offset: number;
  text: string;
}

/** Watches the lexemes of a YAML text go by. */
export interface UnquotedFinder {
  see(lexeme: string): void;
  /** Offset of the next lexeme. */
  offset: number;
  found: Unquoted[];
}

/** The lexer's mark before a plain scalar; its other marks are single control characters too and have no width. */
const SCALAR = "\u001f";
const MARKS: ReadonlySet<string> = new Set(["\u0002", "\u0018", SCALAR]);
const MAX_LENGTH = 100;

/**
 * Finds every `${...}` that stands without quotes in a flow list or mapping, where YAML reads its brace as a mapping's.
 * It is told from the lexemes: a plain scalar that ends in `$`, and a brace right behind it.
 */
export function createUnquotedFinder(): UnquotedFinder {
  let [beforeLast, last] = ["", ""];
  let open: Unquoted | null = null;
  const finder: UnquotedFinder = {
    offset: 0,
    found: [],
    see(lexeme) {
      if (lexeme === "{" && beforeLast === SCALAR && last.endsWith("$")) {
        open = { offset: finder.offset - 1, text: "$" };
        finder.found.push(open);
      }
      if (!MARKS.has(lexeme)) {
        finder.offset += lexeme.length;
        if (open !== null) open.text += lexeme;
        if (lexeme === "}" || (open !== null && open.text.length > MAX_LENGTH)) open = null;
      }
      [beforeLast, last] = [last, lexeme];
    },
  };
  return finder;
}
