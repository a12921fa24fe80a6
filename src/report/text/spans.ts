import { styleText } from "node:util";
import { cleanText } from "./clean-text.ts";
import { displayWidth, truncateText } from "./display-width.ts";
import type { ShowIds } from "./short-ids.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** A piece of a line. It may come from any source, so it is cleaned when it is rendered. */
export interface Span {
  text: string;
  style?: Style | undefined;
}

/** Layout of text for people. */
export interface TextOptions {
  /** Width of the terminal; null for a file or a pipe, where lines are not cut. */
  columns: number | null;
  color: boolean;
  /** Default: ids are whole. */
  ids?: ShowIds | undefined;
}

export function plain(text: string): Span {
  return { text };
}

export function styled(style: Style, text: string): Span {
  return { text, style };
}

/** The same spans, with ids as they are shown to people. */
export function showIdsOf(spans: readonly Span[], ids: ShowIds | undefined): readonly Span[] {
  if (ids === undefined) return spans;
  const texts = ids(spans.map(({ text }) => text));
  return spans.map((span, at) => ({ ...span, text: texts[at] ?? span.text }));
}

/** Renders one line of text. Every piece is cleaned here, so that no hostile text reaches a terminal. */
export function renderSpans(spans: readonly Span[], { columns, color, ids }: TextOptions): string {
  let left = columns ?? Number.POSITIVE_INFINITY;
  let line = "";
  for (const span of showIdsOf(spans, ids)) {
    const clean = cleanText(span.text);
    const text = truncateText(clean, left);
    if (text === "") continue;
    line += color && span.style !== undefined ? styleText(span.style, text, { validateStream: false }) : text;
    left -= displayWidth(text);
    if (text !== clean) break;
  }
  return line;
}
