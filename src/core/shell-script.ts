/** What a shell takes for nothing but itself, within quotes and without. */
const PLAIN = /^[A-Za-z0-9_./@%+=:,-]*$/;

/** Variables that a script is given instead of texts, so that no text is ever parsed as a script. */
export interface ScriptValues {
  /** Of the variables' names; a number is added. */
  prefix: string;
  /** Grows. */
  variables: Record<string, string>;
}

/** Whether a text may stand in a script as it is. */
export function isPlainWord(text: string): boolean {
  return PLAIN.test(text);
}

/**
 * What stands for `value` at the place `at` of a script for sh: a variable. Within single quotes, where the shell fills none
 * in, the quotes are left for it.
 */
export function insertValue(script: string, at: number, value: string, { prefix, variables }: ScriptValues): string {
  const name = `${prefix}_${Object.keys(variables).length}`;
  variables[name] = value;
  return quoteAt(script, at) === "'" ? `'"\${${name}}"'` : `\${${name}}`;
}

/** The quote that is open at a place of a script. What `$(...)` within double quotes quotes anew is not seen. */
function quoteAt(script: string, at: number): "'" | '"' | null {
  let quote: "'" | '"' | null = null;
  for (let index = 0; index < at; index++) {
    const character = script[index];
    if (character === "\\" && quote !== "'") index += 1;
    else if (character === quote) quote = null;
    else if (quote === null && (character === "'" || character === '"')) quote = character;
    else if (quote === null && character === "#" && /^[\s;&|(]?$/.test(script[index - 1] ?? "")) {
      const end = script.indexOf("\n", index);
      if (end === -1) return null;
      index = end;
    }
  }
  return quote;
}
