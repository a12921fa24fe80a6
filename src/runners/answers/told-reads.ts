import { type Guard, hasShape, isListOf, isNumber, isRecordOf, isText } from "../shape.ts";

/**
 * One look of a worker at a path: how it looked, the path, and what it found.
 *
 * | how | found |
 * |---|---|
 * | `content` | the mark of a file that it opened; `folder`, `other`; empty for what is not there |
 * | `library` | likewise, of a file of Python or of an installed package |
 * | `stat` | the mark and the mode of a file whose times or size it asked for |
 * | `kind` | `file`, `folder`, `other`, empty for what is not there |
 * | `link` | where a link leads; empty for what is none |
 * | `names` | a digest of what is in a folder, names of folders with a slash |
 * | `installed` | a digest of the names of distributions, and of `.pth` files, in a folder |
 */
export type ReadRow = readonly [how: string, path: string, found: string];

/** Modules that were looked for in a folder, and a digest of the names there that could be them. */
export interface ModuleSearch {
  modules: string[];
  found: string;
}

/** Reads of a worker, as it tells them with an answer: rows that are not known yet, and all of the rest. */
export interface ToldReads {
  /** Time at which it began to read, in milliseconds since the epoch. */
  since_ms: number;
  /** The number of rows before those that are told. */
  known: number;
  rows: ReadRow[];
  searches: Record<string, ModuleSearch>;
  /** Variables that code or configuration of the project asked for. */
  variables: string[];
  /** Reasons why a later check of the answer would be impossible, each a clause for people. */
  reasons: string[];
}

const isRow: Guard<ReadRow> = (value): value is ReadRow =>
  Array.isArray(value) && value.length === 3 && value.every(isText);
export const isModuleSearch = hasShape<ModuleSearch>({ modules: isListOf(isText), found: isText });

export const isToldReads = hasShape<ToldReads>({
  since_ms: isNumber,
  known: isNumber,
  rows: isListOf(isRow),
  searches: isRecordOf(isModuleSearch),
  variables: isListOf(isText),
  reasons: isListOf(isText),
});

/** All that one worker has read, put together from what it said with each answer. */
export class WorkerReads {
  #rows: ReadRow[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Asks for an answer with what it came from. `ask` is told how many rows are known. One after the other, as the worker answers:
   * each is told only what is new.
   */
  async ask<T extends { reads: ToldReads }>(ask: (known: number) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => ask(this.#rows.length));
    this.#last = turn.catch(() => {});
    const answer = await turn;
    const { known, rows } = answer.reads;
    this.#rows = [...this.#rows.slice(0, known), ...rows];
    return { ...answer, reads: { ...answer.reads, rows: this.#rows } };
  }
}
