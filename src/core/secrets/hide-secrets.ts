import type { ExceptionRecord } from "../run.ts";
import { escapePattern } from "../text/escape-pattern.ts";

const HIDDEN = "[secret]";
/** Values shorter than this are not hidden: they would make holes in every other message. */
const MIN_LENGTH = 4;
/** A line of a secret counts by itself from this length on. */
const MIN_LINE = 8;
/** Base64 of fewer characters turns up by accident. */
const MIN_BASE64 = 6;
/** A text that ends within a secret shows it as well, if so much of it is there. */
const SHOWN_SHARE = 0.75;
/** Longer texts are hidden in pieces of this many characters, so that no pattern becomes too large. */
const PIECE = 512;
/** Longer secrets are hidden as they are alone, without their encodings. */
const MAX_ENCODED = 16_384;
/** Depth of the groups that match such an end. */
const MAX_ENDS = 16;
/** Backslashes that repeated escaping puts before one character. */
const MAX_ESCAPES = 8;

const CONTROL_LETTERS: Readonly<Record<string, string>> = { "\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f" };

/**
 * Returns what hides these texts wherever they turn up in another: as they are, each line of theirs, the password of a URL, and all of that
 * encoded: with escapes (JSON, repr), for URLs, in base64. Also a text that breaks off within them.
 */
export function hideSecrets(secrets: readonly string[]): (text: string) => string {
  let form: RegExp | null | undefined;
  return (text) => {
    // Few runs fail, and only they need it.
    if (form === undefined) form = compileForms(secrets);
    return form === null ? text : text.replace(form, HIDDEN);
  };
}

/** An exception with all its causes, told through `hide`. */
export function hideInException(exception: ExceptionRecord, hide: (text: string) => string): ExceptionRecord {
  const { type, classes, message, traceback, cause } = exception;
  return {
    ...exception,
    type: hide(type),
    ...(classes === undefined ? {} : { classes: classes.map(hide) }),
    message: hide(message),
    traceback: traceback === null ? null : hide(traceback),
    cause: cause === null ? null : hideInException(cause, hide),
  };
}

/** The longest first: one may be a part of another. */
function compileForms(secrets: readonly string[]): RegExp | null {
  const isLong = (secret: string) => secret.length > MAX_ENCODED;
  const parts = listPieces(secrets.filter((secret) => !isLong(secret)));
  const forms = [
    ...parts.flatMap((part) => [writeText(part), ...writeBase64(part)]),
    ...listPieces(secrets.filter(isLong)).map(escapePattern),
  ];
  return forms.length === 0 ? null : new RegExp(forms.join("|"), "gu");
}

function listPieces(secrets: readonly string[]): string[] {
  const pieces = secrets.flatMap(listParts).flatMap((part) => {
    const cut = part.match(new RegExp(`.{1,${PIECE}}`, "gsu")) ?? [];
    const last = cut.at(-1) ?? "";
    return cut.length > 1 && last.length < MIN_LINE ? [...cut.slice(0, -2), cut.at(-2) + last] : cut;
  });
  return [...new Set(pieces)].sort((a, b) => b.length - a.length);
}

function listParts(secret: string): string[] {
  const lines = secret.split(/\r?\n|\\n/).map((line) => line.trim());
  const [, password = ""] = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^\s/]+)@/i.exec(secret) ?? [];
  const found = [secret.trim(), password, decodeText(password)].filter(({ length }) => length >= MIN_LENGTH);
  return lines.length === 1 ? found : [...found, ...lines.filter(({ length }) => length >= MIN_LINE)];
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The pattern of a text, of which the end may be missing. */
function writeText(text: string): string {
  const units = Array.from(text.matchAll(/(\\*)([^\\])|\\+$/gu), ([all, escapes = all, character = ""]) => {
    return writeCharacter(escapes.length, character);
  });
  const needed = Math.max(MIN_LINE, Math.ceil(units.length * SHOWN_SHARE));
  const rest = units.slice(needed);
  const step = Math.ceil(rest.length / MAX_ENDS);
  let end = "";
  for (let at = (Math.ceil(rest.length / step) - 1) * step; at >= 0; at -= step) {
    end = `(?:${rest.slice(at, at + step).join("")}${end})?`;
  }
  return units.slice(0, needed).join("") + end;
}

/** The pattern of one character behind so many backslashes of its own. No two of its ways match the same text. */
function writeCharacter(escapes: number, character: string): string {
  const most = MAX_ESCAPES * (escapes + 1);
  const before = escapes === 0 ? "" : `(?:\\\\{${escapes},${most}}|(?:%5[cC]){${escapes}})`;
  if (/^\w?$/.test(character)) return before + character;
  const own = escapePattern(character);
  const percent = Array.from(new TextEncoder().encode(character), (byte) => `%${writeHex(byte, 2)}`).join("");
  const escaped = writeEscapes(character).map((form) => `\\\\{${escapes === 0 ? 1 : 0},${MAX_ESCAPES}}${form}`);
  const literal = /^[\x21-\x7e]$/.test(character) && escapes === 0 ? `\\\\{0,${MAX_ESCAPES}}${own}` : own;
  const ways = [literal, percent, ...escaped, ...(character === " " ? ["\\+"] : [])];
  return `${before}(?:${ways.join("|")})`;
}

/** Forms in which JSON and Python write a character behind a backslash. */
function writeEscapes(character: string): string[] {
  const letter = CONTROL_LETTERS[character];
  const point = character.codePointAt(0) ?? 0;
  if (letter === undefined && point >= 0x20 && point < 0x7f) return [];
  const backslashes = `\\\\{1,${MAX_ESCAPES}}`;
  const units = Array.from({ length: character.length }, (_, at) => `u${writeHex(character.charCodeAt(at), 4)}`);
  const bytes = Array.from(new TextEncoder().encode(character), (byte) => `x${writeHex(byte, 2)}`);
  const wide = point > 0xffff ? [`U${writeHex(point, 8)}`] : [];
  const short = point < 0x100 ? [`x${writeHex(point, 2)}`] : [];
  return [
    ...(letter === undefined ? [] : [letter]),
    units.join(backslashes),
    ...wide,
    ...short,
    bytes.join(backslashes),
  ];
}

/** Hexadecimal digits in capitals and small letters. */
function writeHex(value: number, length: number): string {
  return Array.from(value.toString(16).padStart(length, "0"), (digit) => {
    return /\d/.test(digit) ? digit : `[${digit}${digit.toUpperCase()}]`;
  }).join("");
}

/** Parts of a text's base64 that do not depend on what stands around it, one for each place within three bytes. */
function writeBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  const cores = [0, 1, 2].map((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
    return whole.toString("base64").slice(Math.ceil((offset * 8) / 6), Math.floor((whole.length * 8) / 6));
  });
  const long = cores.filter(({ length }) => length >= MIN_BASE64);
  return long.map((core) => core.replaceAll("+", "(?:[-+]|%2[bB])").replaceAll("/", "(?:[_/]|%2[fF])"));
}
