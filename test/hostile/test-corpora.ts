import { afterAll, beforeAll, expect, test } from "vitest";
import { type Corpus, type CorpusResult, formatCorpus, runCorpus } from "./corpus.ts";
import { Sandbox } from "./sandbox.ts";

/** Tests corpora in a sandbox of their own, and prints how many cases each of them has. To be called once in a file. */
export function testCorpora(...describe: readonly ((sandbox: Sandbox) => Corpus | Corpus[])[]): void {
  const sandbox = new Sandbox();
  const results: CorpusResult[] = [];
  beforeAll(async () => {
    const make = { command: ["sh", "-c", 'echo 1 >"$1"', "sh", "${outputs.data.path}"], outputs: ["data"] };
    const use = { command: ["cat", "${inputs.data.path}"], consumes: { data: "make" } };
    const file = sandbox.workflow("seed.json", { name: "seed", runs: { make, use } });
    expect(await sandbox.say(["run", file])).toMatchObject({ exitCode: 0 });
    sandbox.keepSeed();
  });
  afterAll(() => {
    console.log(results.map(formatCorpus).join("\n"));
    sandbox.remove();
  });

  const corpora = describe.flatMap((each) => each(sandbox));
  test.each(corpora)("$name: $what", { timeout: 600_000 }, async (corpus) => {
    const result = await runCorpus(corpus);
    results.push(result);
    expect(result.complaints).toEqual([]);
  });
}
