import { ShellReader } from "./shell-reader.ts";

/** Characters that a shell never treats specially, within quotes and without. */
const PLAIN = /^[A-Za-z0-9_./@%+=:,-]*$/;

/** True if a text may stand in a script as it is. */
export function isPlainWord(text: string): boolean {
  return PLAIN.test(text);
}

/**
 * A script for sh that is written from its beginning to its end. A value becomes a variable that the script is given, so that no value
 * is ever parsed as a script.
 */
export class ShellScript {
  /** Prefix of the names of variables; a number is added. */
  readonly #prefix: string;
  readonly #quotes = new ShellReader();
  readonly #variables: Record<string, string> = {};
  #count = 0;
  #text = "";

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get text(): string {
    return this.#text;
  }

  /** Values of the variables, by name. */
  get variables(): Record<string, string> {
    return this.#variables;
  }

  /** Adds a part of the script as it stands. */
  write(text: string): void {
    this.#quotes.read(text);
    this.#text += text;
  }

  /**
   * Adds a value. Within single quotes, where the shell fills no variable in, the quotes are left for it. There are places where that
   * can't be done: a script is checked for them before.
   */
  writeValue(value: string): void {
    const name = `${this.#prefix}_${this.#count}`;
    this.#count += 1;
    this.#variables[name] = value;
    this.#text += this.#quotes.place === "single-quotes" ? `'"\${${name}}"'` : `\${${name}}`;
    this.#quotes.skip();
  }
}
