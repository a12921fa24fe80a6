import { cleanName } from "../clean-name.ts";

/**
 * A name inside a quoted label of Mermaid. Letters and what can't mean anything to Mermaid, or to the page around it, stay; all
 * else becomes a character code, quotes and `%%{` included. Nothing at all becomes a space, for Mermaid takes no empty label.
 */
export function escapeMermaid(name: string): string {
  const label = cleanName(name) || " ";
  return label.replaceAll(/[^\p{L}\p{N}\p{M} _.,=:@/+[\]-]/gu, (character) => `#${character.codePointAt(0)};`);
}
