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
  readonly #quotes = new QuoteReader();
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

  /** Adds a value. Within single quotes, where the shell fills no variable in, the quotes are left for it. */
  writeValue(value: string): void {
    const name = `${this.#prefix}_${this.#count}`;
    this.#count += 1;
    this.#variables[name] = value;
    this.#text += this.#quotes.open === "'" ? `'"\${${name}}"'` : `\${${name}}`;
    this.#quotes.skip();
  }
}

/** Follows the quotes of a script. What `$(...)` within double quotes quotes anew is not seen. */
class QuoteReader {
  /** The quote that is open. */
  open: "'" | '"' | null = null;
  #isComment = false;
  #isEscaped = false;
  #before = "";

  read(text: string): void {
    for (const character of text) this.#step(character);
  }

  /** Steps over a value, which closes and opens no quote. */
  skip(): void {
    this.#isEscaped = false;
    this.#before = "}";
  }

  #step(character: string): void {
    const before = this.#before;
    this.#before = character;
    if (this.#isComment) this.#isComment = character !== "\n";
    else if (this.#isEscaped) this.#isEscaped = false;
    else if (character === "\\" && this.open !== "'") this.#isEscaped = true;
    else if (character === this.open) this.open = null;
    else if (this.open !== null) return;
    else if (character === "'" || character === '"') this.open = character;
    else if (character === "#") this.#isComment = /^[\s;&|(]?$/.test(before);
  }
}
