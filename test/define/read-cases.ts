import { readFileSync } from "node:fs";

/** A text and the problems that it has. */
export interface Case {
  title: string;
  text: string;
  /** `line:column code | hint`, the hint left out if there is none. */
  found: string[];
}

/**
 * Reads `cases/NAME.txt` beside `from`. A case is `=== title`, a text, and a line `> 1:1 code | hint` per problem; one that begins
 * with `+++` is put behind the file's `base`. `\r` at the end of a line stands for itself.
 */
export function readCases(name: string, from: string = import.meta.url): Case[] {
  const file = readFileSync(new URL(`./cases/${name}.txt`, from), "utf8");
  const blocks = file.split(/^(?=(?:===|\+\+\+) )/m);
  const base = blocks[0]?.startsWith("=== base\n") ? trimBlock(blocks[0]) : null;
  return blocks.slice(base === null ? 0 : 1).map((block) => readCase(block, base ?? ""));
}

function readCase(block: string, base: string): Case {
  const found = [...block.matchAll(/^> (.*)$/gm)].map(([, problem]) => problem ?? "");
  const text = trimBlock(block.replace(/^> .*\n/gm, ""));
  return {
    title: block.slice(4, block.indexOf("\n")),
    text: (block.startsWith("+++") ? base : "") + text.replaceAll("\\r\n", "\r\n"),
    found,
  };
}

/** Without its title, and without the empty line before the next. */
function trimBlock(block: string): string {
  return block.slice(block.indexOf("\n") + 1).replace(/\n\n$/, "\n");
}
