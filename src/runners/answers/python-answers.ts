import { KeptAnswers } from "./kept-answers.ts";
import { lookAgain } from "./look-again.ts";
import { Surroundings } from "./surroundings.ts";
import { isToldReads } from "./told-reads.ts";

/** A program, for a Python with the worker's package on its path. */
export interface PythonQuestion {
  /** Path of the interpreter. */
  python: string;
  /** Statements that leave what they find out in `value`. */
  program: string;
  environment: NodeJS.ProcessEnv;
}

/** A program that also tells what it has read, as one line of JSON; a Python too old for that tells null. */
export function watchProgram(program: string): string {
  const body = program.trim().split("\n");
  return `
import json
try:
    from runweave_worker.reads.read_watch import WATCH
except Exception:
    WATCH = None
def find():
${body.map((line) => `    ${line}`).join("\n")}
    return value
if WATCH is None:
    value, reads = find(), None
else:
    with WATCH.watching():
        value = find()
    reads = WATCH.reads.tell(0)
print(json.dumps({"value": value, "reads": reads}))
`;
}

/** Earlier answers of Pythons, as long as they are valid; else new ones. Without a folder no answer is kept. */
export class PythonAnswers {
  readonly #kept: KeptAnswers | null;

  constructor(folder: string | undefined) {
    this.#kept = folder === undefined ? null : new KeptAnswers(folder);
  }

  /** `ask` gives what a program of `watchProgram` has printed. Throws what it throws, and SyntaxError if that is no JSON. */
  async find({ python, program, environment }: PythonQuestion, ask: () => Promise<string>): Promise<unknown> {
    const question = { surroundings: new Surroundings({ python }, environment), question: program };
    const known = await this.#kept?.recall(question);
    if (known !== undefined) return known;
    const before = lookAgain("content", python) ?? "";
    const { value, reads } = JSON.parse(await ask()) as { value: unknown; reads: unknown };
    // The path may be a script that looks for a Python, whose own reads are unknown.
    const isPython = isToldReads(reads) && reads.rows.some(([, path, found]) => path === python && found === before);
    if (isPython) this.#kept?.keep(question, { answer: value, reads });
    return value;
  }
}
