/** Part of a patch that is about one file. */
export interface PatchSection {
  /** Path as git says it, relative to the checkout. Null if the section does not name one path. */
  path: string | null;
  /** One character for each byte (Latin-1), as files have any encoding. */
  text: string;
}

const HEADER = "diff --git ";

/**
 * Splits a patch by its files, in order. A file that becomes a link, or a link that becomes a file, has two sections. No line of content
 * looks like a header, as git puts a sign before it; a lone carriage return ends no line.
 */
export function listSections(patch: Buffer): PatchSection[] {
  const texts = patch.toString("latin1").split(/(?<=^|\n)(?=diff --git )/);
  return texts.filter((text) => text !== "").map((text) => ({ path: readPath(text), text }));
}

/** Reads the path in `diff --git a/PATH b/PATH`: both are alike, as git is asked for no renames, and in quotes if they have odd characters. */
function readPath(section: string): string | null {
  const rest = section.slice(HEADER.length, section.indexOf("\n"));
  const middle = (rest.length - 1) / 2;
  const before = unquote(rest.slice(0, middle)).slice("a/".length);
  const after = unquote(rest.slice(middle + 1)).slice("b/".length);
  const isWhole = section.startsWith(HEADER) && rest[middle] === " " && after !== "" && before === after;
  return isWhole ? Buffer.from(after, "latin1").toString("utf8") : null;
}

const ESCAPES: Readonly<Record<string, string>> = { a: "\x07", b: "\b", t: "\t", n: "\n", v: "\v", f: "\f", r: "\r" };

/** Undoes what git does to a path with odd characters: https://git-scm.com/docs/git-config (core.quotePath) */
function unquote(text: string): string {
  if (!/^".*"$/.test(text)) return text;
  return text.slice(1, -1).replace(/\\([0-7]{3}|.)/g, (_, code: string) => {
    return code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code);
  });
}
