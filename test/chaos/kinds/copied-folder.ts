import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { type ActFacts, actStages, startCommand } from "../real/act-stage.ts";
import { ACTS, type Act } from "../real/acts.ts";
import { copyFolder } from "../real/copy-folder.ts";
import { judgeData } from "../real/judge-data.ts";
import { describeFile, listTree } from "../real/listing.ts";
import { preloadLog } from "../real/preload.ts";
import { readRegistry } from "../real/read-registry.ts";
import { checkEnd } from "../real/sessions.ts";
import type { Stage } from "../real/stage-pool.ts";
import { TrialFolder } from "../real/trial-folder.ts";
import type { Campaign, TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

/** Whatever is refused is refused with one of these. */
const ENDS = [0, 1, 2, 3];

/** What happens to a project's folder, and then an act; finds what is wrong afterwards. */
type Play = (stage: Stage<ActFacts>, act: Act, campaign: Campaign) => Promise<Violation[]>;

const PLAYS: Readonly<Record<string, Play>> = {
  "in a copy": actInCopy,
  "after a move": actAfterMove,
  "on an older registry": actOnOlderRegistry,
  "beside another project of one name": actBesideNamesake,
};

export const copiedFolder: TrialKind = {
  name: "copied-folder",
  what: "every command in a project that was copied, in one that was moved, on a registry older than its data, and beside a project of one name: others are left alone, no data is lost",
  hasProcesses: true,
  share: 2,
  full: 2 * Object.keys(PLAYS).length * ACTS.length,
  mostAtOnce: actStages.most,
  async run(seed, campaign) {
    const cases = ACTS.flatMap((act) => Object.entries(PLAYS).map(([where, play]) => ({ act, where, play })));
    const wanted = cases.filter(({ act, where }) => campaign.isWanted(`${act.name} ${where}`));
    const chosen = wanted[seed % Math.max(1, wanted.length)];
    if (chosen === undefined) return [];
    const { act, where, play } = chosen;
    const found = await actStages.use(campaign, (stage) => play(stage, act, campaign));
    return found.map((each) => ({ ...each, detail: `${act.name} ${where}: ${each.detail}` }));
  },
};

async function actInCopy({ trial, facts }: Stage<ActFacts>, act: Act, campaign: Campaign): Promise<Violation[]> {
  const copied = await copyTrial(trial, campaign);
  const before = readAll(trial);
  try {
    const found = [];
    // What an act in the copy takes away, the next one ends for good.
    const empty = ["trash", "empty", "--yes"];
    // Before and after the copy is said to be a project of its own.
    for (const args of [act.args(facts), empty, ["doctor", "--settle"], act.args(facts), empty]) {
      found.push(...checkEnd(await startCommand(copied, campaign, { args, ...preloadLog(copied) }).ended, ENDS));
    }
    await copied.marked.remaining(5_000);
    const after = readAll(trial);
    const changed = Object.keys({ ...before, ...after }).filter((path) => before[path] !== after[path]);
    const touched = changed.map((path) => `${path} of the original is ${after[path] ?? "gone"}`);
    return [...found, ...touched.map((detail) => violate("no-data-lost", detail)), ...judge(trial)];
  } finally {
    copied.remove();
  }
}

async function actAfterMove({ trial, facts }: Stage<ActFacts>, act: Act, campaign: Campaign): Promise<Violation[]> {
  const elsewhere = `${trial.folder}.moved`;
  renameSync(trial.folder, elsewhere);
  const moved = new TrialFolder(campaign.folder, { steps: [], expected: {}, folder: elsewhere });
  try {
    const ended = await startCommand(moved, campaign, { args: act.args(facts), ...preloadLog(moved) }).ended;
    await moved.marked.remaining(5_000);
    const found = checkEnd(ended, ENDS);
    if (existsSync(trial.folder)) {
      found.push(violate("nothing-left-behind", `${listTree(trial.folder)} where the project was`));
      rmSync(trial.folder, { recursive: true });
    }
    renameSync(elsewhere, trial.folder);
    // Only of what was done before: the paths of the rest are those of the other place.
    return [...found, ...judge(trial).filter(({ invariant }) => isLoss(invariant))];
  } finally {
    if (existsSync(elsewhere)) renameSync(elsewhere, trial.folder);
    rmSync(moved.points, { force: true });
  }
}

/** Backups of a registry and of data are seldom of one moment. */
async function actOnOlderRegistry(
  { trial, facts }: Stage<ActFacts>,
  act: Act,
  campaign: Campaign,
): Promise<Violation[]> {
  const registry = join(trial.state, "registry.sqlite");
  const backup = `${trial.folder}.sqlite`;
  try {
    copyFileSync(registry, backup);
    const newer = ACTS.find(({ name }) => name === "gc") ?? act;
    await startCommand(trial, campaign, { args: newer.args(facts) }).ended;
    for (const ending of ["-wal", "-shm"]) rmSync(registry + ending, { force: true });
    copyFileSync(backup, registry);
    const found: Violation[] = [];
    for (const args of [act.args(facts), ["trash", "empty", "--yes"]]) {
      found.push(...checkEnd(await startCommand(trial, campaign, { args, ...preloadLog(trial) }).ended, ENDS));
    }
    await trial.marked.remaining(5_000);
    return [...found, ...judge(trial).filter(({ invariant }) => isLoss(invariant))];
  } finally {
    rmSync(backup, { force: true });
  }
}

/** Two projects on one registry, whose workflows have one name: what is old in the one is not old in the other. */
async function actBesideNamesake(
  { trial, facts }: Stage<ActFacts>,
  act: Act,
  campaign: Campaign,
): Promise<Violation[]> {
  const elsewhere = `${trial.folder}.namesake`;
  rmSync(elsewhere, { recursive: true, force: true });
  mkdirSync(join(elsewhere, "plain/many"), { recursive: true });
  copyFileSync(trial.file, join(elsewhere, "workflow.json"));
  try {
    const file = join(elsewhere, "workflow.json");
    const found = checkEnd(await startCommand(trial, campaign, { args: ["run", file] }).ended, [0]);
    found.push(
      ...checkEnd(await startCommand(trial, campaign, { args: act.args(facts), ...preloadLog(trial) }).ended, ENDS),
    );
    await trial.marked.remaining(5_000);
    const newest = readRegistry(trial, (registry) => registry.findSession(facts.newest));
    const gone = (newest?.runs ?? []).filter(({ discarded }) => discarded !== null);
    const told = gone.map(({ run, run_id }) => `${run} (${run_id}) of the newest session of its project was collected`);
    return [...found, ...told.map((each) => violate("collected-only-what-may-go", each)), ...judge(trial)];
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
}

function isLoss(invariant: Violation["invariant"]): boolean {
  return invariant === "no-data-lost" || invariant === "hashes-match";
}

async function copyTrial(trial: TrialFolder, campaign: Campaign): Promise<TrialFolder> {
  const folder = `${trial.folder}.elsewhere`;
  rmSync(folder, { recursive: true, force: true });
  await copyFolder(trial.folder, folder);
  return new TrialFolder(campaign.folder, { steps: [], expected: {}, folder });
}

/** Every file of a project, its state folder included, and what it holds. */
function readAll({ folder, state }: TrialFolder): Record<string, string> {
  const registry = `${relative(folder, state)}/registry.sqlite-`;
  const paths = listTree(folder).filter((path) => !path.startsWith(registry));
  return Object.fromEntries(
    paths.map((path) => [path, path.endsWith("/") ? "a folder" : describeFile(join(folder, path))]),
  );
}

function judge(trial: TrialFolder): Violation[] {
  const { state } = trial;
  const below = `${trial.folder}/`;
  const found = readRegistry(trial, (registry) => judgeData({ state, registry, below }));
  return found ?? [violate("no-data-lost", "there is no registry")];
}
