import type { Json, JsonObject } from "../core/run.ts";
import { quoteShell } from "../core/text/quote-shell.ts";

/** Quotes words for a shell that fills in `${env:NAME}`. */
export function quoteWithVariables(words: readonly string[]): string {
  return giveVariables(quoteShell(words));
}

/** Leaves `${env:NAME}` for the shell to fill in; such a word is in single quotes. */
function giveVariables(line: string): string {
  return line.replaceAll(/\$\$\{|\$\{env:([A-Za-z_]\w*)\}/g, (_, name?: string) => {
    return name === undefined ? "${" : `'"$${name}"'`;
  });
}

/** The texts of a value that should be a list of them, or one. */
export function listTexts(value: Json | undefined): string[] {
  return (Array.isArray(value) ? value : [value]).filter((text) => typeof text === "string");
}

/** The value, if it is a mapping; else an empty one. */
export function asMapping(value: Json | undefined): JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}
