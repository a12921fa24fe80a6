import { type Location, type Problem, problemAt } from "../../core/error/problem.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import type { FaultToken } from "./fault-tokens.ts";

/** Ends the reading of one line; the others are read nevertheless. */
export class FaultProblem extends Error {
  readonly problem: Problem;

  constructor(location: Location, [code, message, hint]: readonly [code: string, message: string, hint: string]) {
    super(message);
    this.problem = problemAt(location, code, message, hint);
  }
}

/** The words of a line, one after the other. */
export class Words {
  readonly #words: readonly FaultToken[];
  #at = 0;

  constructor(words: readonly FaultToken[]) {
    this.#words = words;
  }

  /** The place of the next word, or of the last. */
  get location(): Location {
    return (this.#words[this.#at] ?? this.#words.at(-1))?.location ?? { file: "", line: 1, column: 1 };
  }

  /** Takes the next word; `what` says what should stand there. */
  next(what: string): FaultToken {
    const word = this.#words[this.#at];
    if (word === undefined) throw this.problem("incomplete-fault", `${what} is missing at the end`, `add ${what}`);
    this.#at += 1;
    return word;
  }

  /** The next word if it is one of these, and it is taken. */
  take<W extends string>(...words: W[]): W | null {
    const word = this.#words[this.#at];
    const found = words.find((wanted) => word?.isQuoted === false && word.text === wanted);
    if (found !== undefined) this.#at += 1;
    return found ?? null;
  }

  /** The next word if it is such a one, and it is taken. */
  takeIf(isWanted: (text: string) => boolean): string | null {
    const word = this.#words[this.#at];
    if (word === undefined || word.isQuoted || !isWanted(word.text)) return null;
    this.#at += 1;
    return word.text;
  }

  /** One of these has to follow. */
  expect<W extends string>(...words: W[]): W {
    const found = this.take(...words);
    if (found !== null) return found;
    const listed = words.map((word) => `\`${word}\``).join(", ");
    const actual = this.#words[this.#at];
    if (actual === undefined)
      throw this.problem("incomplete-fault", "the line ends too early", `continue with ${listed}`);
    const hint = didYouMean(actual.text, words) ?? `it takes ${listed}`;
    throw this.problem("unknown-fault", `"${actual.text}" is not known here`, hint);
  }

  /** Refuses further words. */
  finish(): void {
    const word = this.#words[this.#at];
    if (word !== undefined)
      throw this.problem("unknown-fault", `"${word.text}" is too much`, "end the line before it, or put `;` between");
  }

  problem(...reason: [code: string, message: string, hint: string]): FaultProblem {
    return new FaultProblem(this.location, reason);
  }

  /** Problem at the word that was taken last. */
  problemBefore(...reason: [code: string, message: string, hint: string]): FaultProblem {
    return new FaultProblem(this.#words[this.#at - 1]?.location ?? this.location, reason);
  }
}
