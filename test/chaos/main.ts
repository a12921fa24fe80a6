import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundlePackage } from "../../scripts/build.ts";
import { makeMemoryFolder } from "../rig/memory-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { runCampaign } from "./campaign.ts";
import { describeFailures, formatResults } from "./format-results.ts";
import { PLANTED_BUGS } from "./planted/bugs.ts";
import { findBug, PLANT_VARIABLE } from "./planted/plant.ts";
import { type BugResult, formatBug, tryBugs } from "./planted/try-bugs.ts";
import { type ChaosArguments, readArguments } from "./read-arguments.ts";
import { callsSource, type KindResult, wantOnly } from "./trial.ts";

const USAGE = `npm run chaos -- [--kinds NAME,NAME] [--trials N | --full] [--seed N] [--json]
  without arguments: the share of every kind that npm test runs; --full: the whole campaign, which takes hours
  --trials N      of each kind that is named      --seed N    of the first trial; the others follow
  --only TEXT     cases that are told with these words, such as "inside copyFile"; of kinds that have cases
  --package DIR   an installed package to try instead of building this one
  --planted       plant bugs in runweave, one after the other, and say whether the trials find them; with --kinds, those of
                  these kinds; with --only, those whose names have these words`;

/** Whether the harness can fail: each bug has to be caught by the invariant that names it. Gives 1 if one is not. */
async function plantBugs({ kinds, json, only, ...wanted }: ChaosArguments): Promise<number> {
  const onResult = (result: BugResult) => {
    if (!json) console.log(formatBug(result));
  };
  const names = new Set(kinds.map(({ kind }) => kind.name));
  const bugs = Object.keys(PLANTED_BUGS).filter((bug) => {
    const { kind, awaits } = findBug(bug);
    return names.has(kind) && awaits === undefined && bug.includes(only);
  });
  return await inFolder(async (folder) => {
    const soundPackage = wanted.packageFolder ?? (await buildPackage(folder));
    const results = await tryBugs(bugs, { soundPackage, python: findPythonOrNull(), folder, onResult });
    const caught = results.filter(({ isCaught }) => isCaught).length;
    console.log(json ? JSON.stringify(results) : `${results.length} bugs planted, ${caught} caught`);
    return caught === results.length ? 0 : 1;
  });
}

/** Runs the trials that are asked for, and says which invariants did not hold. Gives 1 if one did not. */
async function main({ kinds, packageFolder, json, only }: ChaosArguments): Promise<number> {
  // A campaign takes hours: what it has found is told with its kind.
  const onResult = (result: KindResult) => {
    const { kind, trials, failures } = result;
    if (json) return;
    console.error(`${kind.name}: ${trials} trials, ${failures.length} violated an invariant`);
    for (const line of describeFailures(result)) console.error(line);
  };
  return await inFolder(async (folder) => {
    const needsPackage = kinds.some(({ kind }) => !callsSource(kind));
    const built = packageFolder ?? (needsPackage ? await buildPackage(folder) : folder);
    const packages = { packageFolder: built, soundPackage: built };
    const campaign = { ...packages, python: findPythonOrNull(), folder, ...wantOnly(only) };
    const bug = process.env[PLANT_VARIABLE];
    // Once it is found, more of the same say nothing.
    const stopsAt = bug === undefined ? null : findBug(bug).invariant;
    const results = await runCampaign({ kinds, campaign, stopsAt, onResult });
    console.log(json ? JSON.stringify(results) : formatResults(results));
    return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = makeMemoryFolder("runweave-chaos-");
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function findPythonOrNull(): string | null {
  try {
    return findTestPython();
  } catch {
    return null;
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
if (wanted === null) process.exitCode = 2;
else process.exitCode = await (wanted.planted ? plantBugs(wanted) : main(wanted));
