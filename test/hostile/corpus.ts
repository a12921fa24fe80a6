/** One hostile thing done to runweave. */
export interface HostileCase {
  name: string;
  /** What is wrong with how it was taken; nothing if all is well. */
  check(): Promise<readonly string[]> | readonly string[];
}

/** Hostile things of one kind. */
export interface Corpus {
  name: string;
  /** For people, one line. */
  what: string;
  /** Or how to find them, where they are of something that has to be made first. */
  cases: readonly HostileCase[] | (() => Promise<readonly HostileCase[]>);
}

export interface CorpusResult {
  corpus: string;
  what: string;
  cases: number;
  ms: number;
  /** `case: complaint`. */
  complaints: string[];
}

/** Nothing here does any real work: what takes longer hangs. */
const LIMIT_MS = 120_000;

/** Does the cases of a corpus, one after the other, as some change what the process shares. */
export async function runCorpus({ name, what, cases }: Corpus): Promise<CorpusResult> {
  const begin = performance.now();
  const complaints: string[] = [];
  const all = typeof cases === "function" ? await cases() : cases;
  for (const each of all) {
    for (const complaint of await checkCase(each)) complaints.push(`${JSON.stringify(each.name)}: ${complaint}`);
  }
  return { corpus: name, what, cases: all.length, ms: performance.now() - begin, complaints };
}

async function checkCase({ check }: HostileCase): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([`it hangs: not done after ${LIMIT_MS} ms`]), LIMIT_MS);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), hangs]);
  } catch (error) {
    return [`it threw ${error instanceof Error ? error.stack : String(error)}`];
  } finally {
    clearTimeout(timer);
  }
}

/** `paths: 812 cases, 0 not taken well  (...)`. */
export function formatCorpus({ corpus, what, cases, complaints, ms }: CorpusResult): string {
  const seconds = (ms / 1000).toFixed(1);
  return `hostile ${corpus}: ${cases} cases, ${complaints.length} not taken well, ${seconds} s  (${what})`;
}
