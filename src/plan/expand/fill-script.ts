import { isPlainWord, ShellScript } from "../../core/text/shell-script.ts";
import type { KeyPath } from "../../define/definition.ts";
import { type Scope, splitReferences, substituteText } from "./substitute.ts";

const PREFIX = "RUNWEAVE_VALUE";

/**
 * Fills in the references of a script for the shell. Plain words stay as they are; all other values, and those from the
 * environment, become variables, so that no value is ever parsed as a script.
 */
export function fillScript(
  script: string,
  scope: Scope,
  path: KeyPath,
): { argv: string[]; environment: Record<string, string> } {
  const filled = new ShellScript(PREFIX);
  for (const { text, isReference } of splitReferences(script)) {
    const value = isReference ? substituteText(text, scope, path) : text;
    if (isReference && !isPlainWord(value)) filled.writeValue(value);
    else filled.write(value);
  }
  return { argv: [filled.text], environment: filled.variables };
}
