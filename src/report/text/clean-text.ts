import { stripVTControlCharacters } from "node:util";

const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu;
/** Control bytes, and what is invisible or turns the direction of writing: none of it belongs in a name. */
const INVISIBLE = /[\p{Cc}\p{Cf}]/gu;
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;

/** `text` on one line, without anything that could move a cursor, colour the screen or hide letters. */
export function cleanText(text: string): string {
  return stripVTControlCharacters(text.toWellFormed())
    .replaceAll(LINE_BREAKS, " ")
    .replaceAll(INVISIBLE, "")
    .replaceAll(STACKED_MARKS, "$1");
}

/** Cuts `text` to `limit` UTF-16 units, then an ellipsis: messages may hold megabytes. */
export function clipText(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit).toWellFormed()}…` : text;
}
