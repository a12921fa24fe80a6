import { afterAll, beforeAll, expect, test } from "vitest";
import { attemptFilesCorpus, sabotageCorpus } from "./corpora/attempt-files.ts";
import { documentCorpora } from "./corpora/documents.ts";
import { escapeCorpora } from "./corpora/escapes.ts";
import { injectionCorpus } from "./corpora/injections.ts";
import { keptPlanCorpora } from "./corpora/kept-plans.ts";
import { lockFileCorpora } from "./corpora/lock-files.ts";
import { patchesCorpus } from "./corpora/patches.ts";
import { environmentPaths, typedPaths, writtenPaths } from "./corpora/paths.ts";
import { registryCorpora } from "./corpora/registry.ts";
import { runPaths } from "./corpora/run-paths.ts";
import { secretsCorpus } from "./corpora/secrets.ts";
import { trashCorpora } from "./corpora/trash.ts";
import { type CorpusResult, formatCorpus, runCorpus } from "./corpus.ts";
import { Sandbox } from "./sandbox.ts";

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

const CORPORA = [
  typedPaths,
  writtenPaths,
  environmentPaths,
  runPaths,
  documentCorpora,
  injectionCorpus,
  attemptFilesCorpus,
  sabotageCorpus,
  escapeCorpora,
  registryCorpora,
  lockFileCorpora,
  keptPlanCorpora,
  patchesCorpus,
  trashCorpora,
  secretsCorpus,
].flatMap((describe) => describe(sandbox));

test.each(CORPORA)("$name: $what", { timeout: 600_000 }, async (corpus) => {
  const result = await runCorpus(corpus);
  results.push(result);
  expect(result.complaints).toEqual([]);
});
