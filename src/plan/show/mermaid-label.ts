import { cleanName } from "../clean-name.ts";

/**
 * Escapes a name inside a quoted label of Mermaid. Letters and characters without a meaning for Mermaid or HTML stay;
 * all others become character codes, quotes and `%%{` included. An empty name becomes a space, as Mermaid takes no
 * empty label.
 */
export function escapeMermaid(name: string): string {
  const label = cleanName(name) || " ";
  return label.replaceAll(/[^\p{L}\p{N}\p{M} _.,=:@/+[\]-]/gu, (character) => `#${character.codePointAt(0)};`);
}
