import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { copyFolder, resetFolder } from "../real/copy-folder.ts";
import { SCENES, type Scene } from "../real/disposal-scenes.ts";
import { listKinds } from "../real/listing.ts";
import { type Ended, Orchestrator, type OrchestratorOptions } from "../real/orchestrator.ts";
import type { SeenPoint, When } from "../real/point.ts";
import { preloadLog, preloadStrike, readPoints } from "../real/preload.ts";
import { checkEnd } from "../real/sessions.ts";
import { TrialFolder } from "../real/trial-folder.ts";
import { isLeftByKills } from "../real/undisturbed.ts";
import { checkRegistry } from "../registry-invariants.ts";
import { spread } from "../spread.ts";
import { type Campaign, type TrialKind, withoutBug } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const WHENS: readonly When[] = ["before", "inside", "after"];
/** Of a run, only what comes once its clean-up has begun: the rest is another kind's. */
const FIRST_OF_CLEANUP = /^mkdir .*trash\/.*items$/;

/** A scene that is ready to be played: its folder as it stands before, and every point at which it can be cut off. */
interface Prepared {
  scene: Scene;
  trial: TrialFolder;
  copy: string;
  points: readonly SeenPoint[];
  /** Kinds of all files that it leaves if nothing happens. */
  kinds: ReadonlySet<string>;
}

const prepared = new Map<string, Promise<Prepared[]>>();

export const disposalPoints: TrialKind = {
  name: "disposal-points",
  what: "kill -9 before, within and after each write of gc, trash restore and empty, rollback and clean-up; then the same again",
  hasProcesses: true,
  share: 12,
  // Each scene has one folder, as what is recorded are whole paths.
  mostAtOnce: 1,
  async run(seed, campaign) {
    const scenes = await prepare(campaign);
    const cases = scenes.flatMap((scene) =>
      scene.points.flatMap((point) =>
        WHENS.filter((when) => when !== "inside" || point.hasInside).map((when) => ({ ...scene, point, when })),
      ),
    );
    const wanted = cases.filter((each) => campaign.isWanted(tell(each)));
    // The first round of seeds goes through every case, spread evenly over the scenes.
    const chosen = wanted[spread(seed, wanted.length)];
    if (chosen === undefined) return [];
    const { scene, trial, point, when, kinds } = chosen;
    await resetFolder(trial.folder, chosen.copy, [trial.state]);
    const strike = { ...point, when, what: "SIGKILL" };
    const cutOff = await start(campaign, { trial, args: scene.act, ...preloadStrike(trial, strike) });
    const again = await start(campaign, { trial, args: scene.again ?? scene.act, ...preloadLog(trial) });
    const left = [...listKinds(trial)].filter((kind) => !kinds.has(kind) && !isLeftByKills(kind));
    const found = [
      ...checkEnd(cutOff, [null, ...scene.exitCodes]),
      ...checkEnd(again, scene.exitCodes),
      ...judge(scene, trial),
      ...left.map((kind) => violate("nothing-left-behind", kind)),
    ];
    return found.map((each) => ({ ...each, detail: `${tell(chosen)}: ${each.detail}` }));
  },
};

function tell({ scene, when, point }: Pick<Prepared, "scene"> & { when: When; point: SeenPoint }): string {
  return `${scene.name}, ${when} ${point.name} (${point.nth})`;
}

function judge(scene: Scene, { folder, state }: TrialFolder): Violation[] {
  const registry = openSqliteRegistry(join(state, "registry.sqlite"), { readOnly: true });
  try {
    return [...checkRegistry(registry), ...scene.judge({ folder, state, registry })];
  } finally {
    registry.close();
  }
}

function prepare(campaign: Campaign): Promise<Prepared[]> {
  const found = prepared.get(campaign.folder) ?? prepareAll(withoutBug(campaign));
  prepared.set(campaign.folder, found);
  return found;
}

async function prepareAll(campaign: Campaign): Promise<Prepared[]> {
  const all: Prepared[] = [];
  for (const scene of SCENES) all.push(await prepareScene(campaign, scene));
  return all;
}

async function prepareScene(campaign: Campaign, scene: Scene): Promise<Prepared> {
  const trial = new TrialFolder(campaign.folder, { steps: [], expected: {} });
  const { folder, file } = trial;
  for (let play = 0; play < Math.max(1, scene.plays); play++) {
    writeFileSync(file, JSON.stringify(describe(scene, play)));
    if (scene.plays > 0) await start(campaign, { trial, args: ["run", file] });
  }
  for (const args of scene.before) await start(campaign, { trial, args });
  const copy = `${folder}.copy`;
  await copyFolder(folder, copy);
  const before = listKinds(trial);
  await start(campaign, { trial, args: scene.act, ...preloadLog(trial) });
  const all = readPoints(trial);
  const first = scene.fails === undefined ? 0 : all.findIndex(({ name }) => FIRST_OF_CLEANUP.test(name));
  const kinds = new Set([...before, ...listKinds(trial)]);
  return { scene, trial, copy, points: all.slice(Math.max(0, first)), kinds };
}

/** `make` captures a file that `edit` then writes over, so that publishing replaces something. */
function describe({ fails }: Scene, play: number): object {
  const note = (name: string) => ["sh", "-c", `echo ${name} >>undone`];
  const wrong = {
    command: ["sh", "-c", 'printf "made wrong" >"$1"; exit 3', "sh", "${outputs.it.path}"],
    outputs: ["it"],
  };
  if (fails !== undefined) return { cleanup_on_error: fails, runs: { wrong: { ...wrong, retries: 1 } } };
  const make = { command: ["sh", "-c", `printf "made ${play}" >plain`], outputs: { it: "plain" } };
  const edit = {
    command: ["sh", "-c", 'printf edited >plain; cp "$1" "$2"', "sh", "${inputs.it.path}", "${outputs.copy.path}"],
    consumes: { it: "make" },
    outputs: ["copy"],
  };
  const undoable = { make: { ...make, on_rollback: note("make") }, edit: { ...edit, on_rollback: note("edit") } };
  return { publish: ["it"], runs: undoable };
}

/** A process of its own. */
async function start(
  { packageFolder }: Campaign,
  { trial, ...options }: { trial: TrialFolder } & Omit<OrchestratorOptions, "packageFolder">,
): Promise<Ended> {
  const ended = await new Orchestrator(trial, { packageFolder, ...options }).ended;
  // What a killed roll-back has started goes on: what it does counts once it has ended.
  await trial.marked.remaining(5_000);
  return ended;
}
