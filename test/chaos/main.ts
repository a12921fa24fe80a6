import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundlePackage } from "../../scripts/build.ts";
import { runCampaign } from "./campaign.ts";
import { formatResults } from "./format-results.ts";
import { type ChaosArguments, readArguments } from "./read-arguments.ts";
import type { KindResult } from "./trial.ts";

const USAGE = `npm run chaos -- [--kinds NAME,NAME] [--trials N] [--seed N] [--kills N] [--kedro-kills N] [--json]
  without arguments: the share of every kind that npm test runs
  --trials N      of each kind that is named      --seed N    of the first trial; the others follow
  --kills N       random kills of the orchestrator, of commands;  --kedro-kills N: of Kedro runs
  --package DIR   an installed package to try instead of building this one`;

/** Runs the trials that are asked for, and says which invariants did not hold. Gives 1 if one did not. */
async function main({ kinds, packageFolder, json }: ChaosArguments): Promise<number> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "runweave-chaos-")));
  const onResult = ({ kind, trials, failures }: KindResult) => {
    if (!json) console.error(`${kind.name}: ${trials} trials, ${failures.length} violated an invariant`);
  };
  try {
    const built = packageFolder ?? (await buildPackage(folder));
    const campaign = { packageFolder: built, python: null, folder };
    const results = await runCampaign({ kinds, campaign, onResult });
    console.log(json ? JSON.stringify(results) : formatResults(results));
    return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildPackage(parent: string): Promise<string> {
  const folder = join(parent, "package");
  const repository = join(import.meta.dirname, "../..");
  for (const part of ["bin", "package.json"]) cpSync(join(repository, part), join(folder, part), { recursive: true });
  await bundlePackage(join(folder, "dist"));
  return folder;
}

function readOrExplain(): ChaosArguments | null {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return null;
  }
}

const wanted = readOrExplain();
process.exitCode = wanted === null ? 2 : await main(wanted);
