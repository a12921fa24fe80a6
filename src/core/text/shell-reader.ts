/** Places of a script, by what a shell makes of a value there. */
export type ShellPlace =
  /** A variable is filled in, in double quotes or without. */
  | "filled"
  /** Quotes have to be left for it. */
  | "single-quotes"
  /** Single quotes within `$(...)` that stands in double quotes: they quote anew, and no variable is filled in. */
  | "nested-single-quotes"
  /** The text of a `<<'END'`, in which nothing is filled in. */
  | "quoted-here-document";

type Context = "script" | "substitution" | "arithmetic" | "backquotes" | '"' | "'" | "comment";

interface HereWord {
  text: string;
  isQuoted: boolean;
  /** The quote that is open in it; empty if none is. */
  quote: string;
  operator: "<<" | "<<-";
}

interface HereDocument {
  end: string;
  isQuoted: boolean;
  stripsTabs: boolean;
}

/** Follows the quotes of a script for sh, from its beginning on, one character after the other. */
export class ShellReader {
  readonly #contexts: Context[] = ["script"];
  #isEscaped = false;
  #before = "";
  /** The word behind `<<`, as far as it was read. */
  #word: HereWord | null = null;
  readonly #awaited: HereDocument[] = [];
  #document: HereDocument | null = null;
  #line = "";

  get place(): ShellPlace {
    if (this.#document !== null) return this.#document.isQuoted ? "quoted-here-document" : "filled";
    if (this.#context !== "'") return "filled";
    return this.#contexts.includes('"') ? "nested-single-quotes" : "single-quotes";
  }

  read(text: string): void {
    for (const character of text) this.#step(character);
  }

  /** Steps over a value, which closes and opens no quote. */
  skip(): void {
    this.#isEscaped = false;
    this.#before = "}";
    this.#line += "}";
  }

  get #context(): Context {
    return this.#contexts.at(-1) ?? "script";
  }

  #step(character: string): void {
    const before = this.#before;
    this.#before = character;
    if (this.#document !== null) this.#readDocument(character, this.#document);
    else if (this.#word !== null) this.#readWord(character, this.#word);
    else this.#readScript(character, before);
  }

  #readScript(character: string, before: string): void {
    const context = this.#context;
    if (this.#isEscaped) this.#isEscaped = false;
    else if (context === "comment") this.#leave(character === "\n", character);
    else if (context === "'") this.#leave(character === "'", "");
    else if (character === "\\") this.#isEscaped = true;
    else if (character === "(" && before === "$") this.#contexts.push("substitution");
    else if (character === "`") this.#toggle("backquotes");
    else if (context === '"') this.#leave(character === '"', "");
    else this.#readPlain(character, before);
  }

  /** Reads a character that stands outside of quotes. */
  #readPlain(character: string, before: string): void {
    const context = this.#context;
    if (character === '"' || character === "'") this.#contexts.push(character);
    else if (character === "#" && /^[\s;&|(]?$/.test(before)) this.#contexts.push("comment");
    else if (character === "(") this.#contexts.push(before === "(" ? "arithmetic" : "substitution");
    else if (character === ")") this.#leave(context === "substitution" || context === "arithmetic", "");
    else if (character === "<" && before === "<" && context !== "arithmetic")
      this.#word = { text: "", isQuoted: false, quote: "", operator: "<<" };
    else if (character === "\n") this.#document = this.#awaited.shift() ?? null;
  }

  /** Ends what is open if it is over; its last character may begin something else. */
  #leave(isOver: boolean, last: string): void {
    if (!isOver) return;
    this.#contexts.pop();
    if (last !== "") this.#readPlain(last, "");
  }

  #toggle(context: Context): void {
    if (this.#context === context) this.#contexts.pop();
    else this.#contexts.push(context);
  }

  #readWord(character: string, word: HereWord): void {
    if (word.quote !== "") {
      if (character === word.quote) word.quote = "";
      else word.text += character;
    } else if (character === "<" && word.operator === "<<" && word.text === "" && !word.isQuoted) this.#word = null;
    else if (character === "-" && word.operator === "<<" && word.text === "" && !word.isQuoted) word.operator = "<<-";
    else if (character === "'" || character === '"') Object.assign(word, { isQuoted: true, quote: character });
    else if (character === "\\") word.isQuoted = true;
    else if (!/[\s;&|<>()]/.test(character)) word.text += character;
    else if (word.text !== "" || word.isQuoted || character === "\n") this.#endWord(character, word);
  }

  #endWord(character: string, { text, isQuoted, operator }: HereWord): void {
    this.#word = null;
    this.#awaited.push({ end: text, isQuoted, stripsTabs: operator === "<<-" });
    this.#readPlain(character, "");
  }

  #readDocument(character: string, { end, stripsTabs }: HereDocument): void {
    if (character !== "\n") {
      this.#line += character;
      return;
    }
    const line = stripsTabs ? this.#line.replace(/^\t+/, "") : this.#line;
    this.#line = "";
    if (line === end) this.#document = this.#awaited.shift() ?? null;
  }
}
