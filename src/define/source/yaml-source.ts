import { Composer, type CST, type Document, Lexer, type ParsedNode, Parser, type YAMLError } from "yaml";
import { accept, type Checked, type Location, type Problem, problemAt } from "../../core/error/problem.ts";
import { createLocator, MAX_DEPTH, type Source } from "./source.ts";
import { createUnquotedFinder, type Unquoted } from "./unquoted-substitution.ts";
import { findLayoutFault } from "./yaml-indent.ts";
import { createYamlPlaces } from "./yaml-places.ts";
import { readYamlValue } from "./yaml-value.ts";

/** `merge` and the schema are fixed, so that no `%YAML 1.1` in a file brings them back. Its own check of keys is quadratic. */
const OPTIONS = {
  uniqueKeys: false,
  stringKeys: true,
  prettyErrors: false,
  schema: "core",
  merge: false,
  resolveKnownTags: false,
  logLevel: "silent",
} as const;

/** The document itself and the scalar under way stand on the parser's stack too. */
const MAX_STACK = MAX_DEPTH + 2;

/** Reads one YAML 1.2 document. The first error of syntax ends it; of a repeated key the first value counts. */
export function readYaml(text: string, file: string): Checked<Source> {
  const locateOffset = createLocator(file, text);
  const { tokens, tooDeepAt, unquoted } = parseTokens(text);
  if (tooDeepAt !== null) {
    const message = `more than ${MAX_DEPTH} lists and mappings in one another`;
    return { ok: false, problems: [problemAt(locateOffset(tooDeepAt), "too-deep", message)] };
  }
  if (unquoted.length > 0) {
    return { ok: false, problems: unquoted.map((found) => describeUnquoted(found, locateOffset)) };
  }
  const documents = composeDocuments(tokens, text.length);
  const problem = describeSyntax(documents, text, locateOffset);
  if (problem !== null) return { ok: false, problems: [problem] };
  const contents = documents[0]?.contents ?? null;
  const { value, problems, targets, isWhole } = readYamlValue(contents, locateOffset);
  if (!isWhole) return { ok: false, problems };
  return accept({ value, locate: createYamlPlaces(contents, targets, locateOffset), problems });
}

interface Parsed {
  tokens: CST.Token[];
  /** Offset at which reading stopped. */
  tooDeepAt: number | null;
  unquoted: Unquoted[];
}

/** Parses without recursion: only composing the nodes recurses. */
function parseTokens(text: string): Parsed {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  const finder = createUnquotedFinder();
  for (const lexeme of new Lexer().lex(text)) {
    finder.see(lexeme);
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_STACK) return { tokens, tooDeepAt: parser.offset, unquoted: [] };
  }
  for (const token of parser.end()) tokens.push(token);
  return { tokens, tooDeepAt: null, unquoted: finder.found };
}

/** A hostile file makes an error per character: without their stacks that takes a fifth of the time and memory. */
function composeDocuments(tokens: CST.Token[], length: number): Document.Parsed[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return [...new Composer<ParsedNode>(OPTIONS).compose(tokens, true, length)];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function describeUnquoted({ offset, text }: Unquoted, locateOffset: (offset: number) => Location): Problem {
  const shown = text.replace(/\s+/g, " ");
  const message = `YAML reads the brace of ${shown} as a mapping's`;
  return problemAt(locateOffset(offset), "unquoted-substitution", message, `quote it: "${shown}"`);
}

/** Describes the first error alone: those after it are mostly its consequences. */
function describeSyntax(
  documents: readonly Document.Parsed[],
  text: string,
  locateOffset: (offset: number) => Location,
): Problem | null {
  const [document, second] = documents;
  const error = document?.errors[0] ?? document?.warnings[0];
  if (error !== undefined) {
    const fault = findLayoutFault(text, error.pos[0], error.message);
    if (fault !== null) return problemAt(locateOffset(fault.offset), "invalid-yaml", fault.message, fault.hint);
    return describeError(error, locateOffset(error.pos[0]));
  }
  if (second === undefined) return null;
  const location = locateOffset(second.range[0]);
  return problemAt(location, "many-documents", "a second YAML document in one file", "one file is one workflow");
}

const MISSING_COLON = "a key ends with a colon, as in `pipeline: report`: look for a line that lacks it";

function describeError(error: YAMLError, location: Location): Problem {
  const message = error.message.replace(/\s+/g, " ").slice(0, 200);
  if (message.includes("end with a ")) return problemAt(location, "invalid-yaml", message, "close the bracket");
  switch (error.code) {
    case "TAB_AS_INDENT":
      return problemAt(location, "tab-indent", "a tab indents this line", "YAML is indented with spaces");
    case "TAG_RESOLVE_FAILED":
      return problemAt(location, "invalid-yaml", message, "remove the tag");
    case "BAD_INDENT":
    case "BLOCK_AS_IMPLICIT_KEY":
      return problemAt(location, "invalid-yaml", message, "compare the indentation with the lines above");
    case "MULTILINE_IMPLICIT_KEY":
      return problemAt(location, "invalid-yaml", "this line and those after it are read as one key", MISSING_COLON);
    default:
      return problemAt(location, "invalid-yaml", message, null);
  }
}
