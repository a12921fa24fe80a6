import { createHash } from "node:crypto";
import { hasShape, isText } from "../shape.ts";
import { areSame, isKeptReads, keepReads } from "./kept-reads.ts";
import { SealedFiles } from "./sealed-files.ts";
import { isVolatile, type Surroundings } from "./surroundings.ts";
import type { ToldReads } from "./told-reads.ts";

/** A question, and all that its answer depends on besides what is read for it. */
export interface KeptQuestion {
  surroundings: Surroundings;
  /** JSON. */
  question: unknown;
}

/** An answer with what it came from. */
export interface FreshAnswer {
  answer: unknown;
  reads: ToldReads;
}

interface Stored {
  answer: unknown;
  /** Name of its reads, which answers share. */
  reads: string;
}

const isStored = hasShape<Stored>({ answer: (value): value is unknown => value !== undefined, reads: isText });

/** Answers of projects that are valid as long as all that they came from is unchanged. */
export class KeptAnswers {
  readonly #files: SealedFiles;
  /** Looks under way: questions of one plan that came from the same files share one. */
  readonly #looks = new Map<string, Promise<boolean>>();

  constructor(folder: string) {
    this.#files = new SealedFiles(folder);
  }

  /** Undefined if the question has to be asked. */
  async recall({ surroundings, question }: KeptQuestion): Promise<unknown> {
    const stored = this.#files.read(surroundings.seal("answer", JSON.stringify(question)));
    if (!isStored(stored)) return undefined;
    return (await this.#isStillSo(surroundings, stored.reads)) ? stored.answer : undefined;
  }

  /** Keeps an answer; false if a later check of it would be impossible. */
  keep({ surroundings, question }: KeptQuestion, { answer, reads }: FreshAnswer): boolean {
    if (reads.reasons.length > 0 || reads.variables.some(isVolatile)) return false;
    const kept = keepReads(reads);
    if (kept === null) return false;
    const digest = createHash("sha256").update(JSON.stringify(kept)).digest("hex");
    const ofReads = surroundings.seal("reads", digest);
    if (!this.#files.has(ofReads)) this.#files.write(ofReads, kept);
    const stored: Stored = { answer, reads: digest };
    this.#files.write(surroundings.seal("answer", JSON.stringify(question)), stored);
    return true;
  }

  async #isStillSo(surroundings: Surroundings, digest: string): Promise<boolean> {
    const seal = surroundings.seal("reads", digest);
    const underWay = this.#looks.get(seal.name);
    if (underWay !== undefined) return await underWay;
    // The look begins in a turn of its own, so that all who ask at once find it.
    const look = Promise.resolve().then(() => {
      const reads = this.#files.read(seal);
      return isKeptReads(reads) && areSame(reads);
    });
    this.#looks.set(seal.name, look);
    try {
      return await look;
    } finally {
      this.#looks.delete(seal.name);
    }
  }
}
