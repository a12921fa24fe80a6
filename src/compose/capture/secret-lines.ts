import { TOKEN_FORMS } from "../../core/secrets/secret-texts.ts";

const WORDS = "password|passwd|secret|token|api_?-?key|access_?-?key";
const WHOLE_WORDS = "password|passwd|secret_?-?key|api_?-?key|access_?-?token";
/** Name of a secret, as the end of a longer one or as a key, with the type that code may give it. */
const NAMED = `(?:${WORDS})["']?\\]?(?:\\s{0,9}:\\s{0,9}[\\w.[\\]| ]{1,40})?`;
const LITERAL = `(["'])[^"'\${}\\s]{8,200}\\1`;
const EXPORT = "(?:(?:export|env|set)\\s{1,9})?";

/** Texts that are secrets by their form, in one line. */
const FORMS: readonly RegExp[] = [
  ...TOKEN_FORMS,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'${}]{1,100}:[^\s/@"'${}]{3,100}@/i,
  new RegExp(`${NAMED}\\s{0,9}[:=]\\s{0,9}${LITERAL}`, "i"),
  new RegExp(`^\\s*["']?[\\w.-]{0,60}(?:${WHOLE_WORDS})["']?\\s*:\\s*[^\\s"'\${}#&*|>[][^\\s\${}]{7,200}\\s*$`, "i"),
  // Without quotes, as in a script or in settings: a digit tells a value from a name.
  new RegExp(`^\\s*${EXPORT}[\\w.-]{0,60}(?:${WORDS})\\s*=\\s*(?=\\S{0,200}\\d)[^\\s"'\${}()[\\],;.]{8,200}\\s*$`, "i"),
];

/** Texts that are secrets by their form, in two lines: a name, and its value below. */
const SPLIT_FORMS: readonly RegExp[] = [
  new RegExp(`${NAMED}\\s{0,9}[:=]\\s{0,9}[(\\\\]?[ \\t]{0,9}\\n\\s{0,200}${LITERAL}`, "i"),
  new RegExp(`(?:${WHOLE_WORDS})["']?\\s{0,9}:\\s{0,9}[|>][+-]?[ \\t]{0,9}\\n\\s{1,200}[^\\s\${}]{8,200}\\s*$`, "i"),
];

const KEY_BEGINS = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY/;
const PUBLIC_BEGINS = /-----BEGIN [A-Z ]{0,40}(?:CERTIFICATE|PUBLIC KEY)/;
const ENDS = /-----END /;
/** Line within a key: https://www.rfc-editor.org/rfc/rfc7468, and OpenSSH's own. */
const KEY_LINE = /^(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{70})$/;
/** Lines of this form, one after the other, that are a part of a key of which the beginning is not seen. */
const KEY_LINES = 3;

/** A line of a file, and whether it is new. */
export interface SeenLine {
  text: string;
  isAdded: boolean;
}

/** True if one of the added lines, or what it makes together with those around it, is a secret by its form. */
export function addsSecret(lines: Iterable<SeenLine>): boolean {
  let [previous, wasAdded]: [string, boolean] = ["", false];
  let inside: "key" | "public" | null = null;
  let run = { lines: 0, isAdded: false };
  for (const { text, isAdded } of lines) {
    if (KEY_BEGINS.test(text)) inside = "key";
    else if (PUBLIC_BEGINS.test(text)) inside = "public";
    const isKeyLine = inside === null && KEY_LINE.test(text);
    run = isKeyLine ? { lines: run.lines + 1, isAdded: run.isAdded || isAdded } : { lines: 0, isAdded: false };
    if (run.isAdded && run.lines >= KEY_LINES) return true;
    if (isAdded && (inside === "key" || FORMS.some((form) => form.test(text)))) return true;
    if ((isAdded || wasAdded) && SPLIT_FORMS.some((form) => form.test(`${previous}\n${text}`))) return true;
    if (ENDS.test(text)) inside = null;
    [previous, wasAdded] = [text, isAdded];
  }
  return false;
}

/**
 * Splits text into what a person takes for lines. Zero bytes go, so that UTF-16 and UTF-32 read as ASCII does, and so do backslashes before
 * quotes, as in JSON that has code in it.
 */
export function splitLines(text: string): string[] {
  return text
    .replaceAll("\0", "")
    .replaceAll(/\\+(["']?)/g, (all, quote: string) => quote || all)
    .split(/\r\n|\r|\n/);
}
