import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteRegistry } from "../../../src/record/sqlite-registry.ts";
import { SCENES, type Scene } from "../real/disposal-scenes.ts";
import { type Ended, Orchestrator } from "../real/orchestrator.ts";
import { checkEnd } from "../real/sessions.ts";
import { TrialFolder } from "../real/trial-folder.ts";
import { checkRegistry } from "../registry-invariants.ts";
import { spread } from "../spread.ts";
import type { Campaign, TrialKind } from "../trial.ts";
import type { Violation } from "../violation.ts";

const PRELOAD = join(import.meta.dirname, "../real/crash-preload.ts");
const WHENS = ["before", "after"] as const;
/** Of a run, only what comes once its clean-up has begun: the rest is another kind's. */
const FIRST_OF_CLEANUP = "mkdirSync items";

/** A scene that is ready to be played: its folder as it stands before, and every point at which it can be cut off. */
interface Prepared {
  scene: Scene;
  trial: TrialFolder;
  copy: string;
  /** Number and name of each point. */
  points: { number: number; name: string }[];
}

const prepared = new Map<string, Promise<Prepared[]>>();

export const disposalPoints: TrialKind = {
  name: "disposal-points",
  what: "kill -9 before and after each write of gc, trash restore and empty, rollback and clean-up; then the same again",
  hasProcesses: true,
  share: 12,
  // Each scene has one folder, as what is recorded are whole paths.
  mostAtOnce: 1,
  async run(seed, campaign) {
    const scenes = await prepare(campaign);
    const cases = scenes.flatMap((scene) =>
      scene.points.flatMap((point) => WHENS.map((when) => ({ ...scene, point, when }))),
    );
    // The first round of seeds goes through every case, spread evenly over the scenes.
    const chosen = cases[spread(seed, cases.length)];
    if (chosen === undefined) return [];
    const { scene, trial, point, when } = chosen;
    reset(chosen);
    const cutOff = await start(campaign, trial, scene.act, { CHAOS_POINT: `${point.number}:${when}:SIGKILL` });
    const again = await start(campaign, trial, scene.again ?? scene.act);
    const found = [
      ...checkEnd(cutOff, [null, ...scene.exitCodes]),
      ...checkEnd(again, scene.exitCodes),
      ...judge(scene, trial),
    ];
    return found.map((each) => ({ ...each, detail: `${scene.name}, ${when} ${point.name}: ${each.detail}` }));
  },
};

function judge(scene: Scene, { folder, state }: TrialFolder): Violation[] {
  const registry = openSqliteRegistry(join(state, "registry.sqlite"), { readOnly: true });
  try {
    return [...checkRegistry(registry), ...scene.judge({ folder, state, registry })];
  } finally {
    registry.close();
  }
}

function prepare(campaign: Campaign): Promise<Prepared[]> {
  const found = prepared.get(campaign.folder) ?? prepareAll(campaign);
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
    if (scene.plays > 0) await start(campaign, trial, ["run", file]);
  }
  for (const command of scene.before) await start(campaign, trial, command);
  const copy = `${folder}.copy`;
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
  const log = join(campaign.folder, "points");
  rmSync(log, { force: true });
  await start(campaign, trial, scene.act, { CHAOS_LOG: log });
  const names = readFileSync(log, "utf8").split("\n").slice(0, -1);
  const first = scene.fails === undefined ? 0 : Math.max(0, names.indexOf(FIRST_OF_CLEANUP));
  const points = names.map((name, index) => ({ number: index + 1, name })).slice(first);
  return { scene, trial, copy, points };
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

function reset({ trial, copy }: Prepared): void {
  rmSync(trial.folder, { recursive: true, force: true });
  cpSync(copy, trial.folder, { recursive: true, preserveTimestamps: true });
}

/** A process of its own; its points are counted if the environment says so. */
async function start(
  { packageFolder }: Campaign,
  trial: TrialFolder,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Ended> {
  const isCounted = Object.keys(environment).length > 0;
  const nodeArgs = isCounted ? ["--import", PRELOAD] : [];
  const about = { ...environment, CHAOS_STATE: trial.folder };
  const ended = await new Orchestrator(trial, { packageFolder, args, environment: about, nodeArgs }).ended;
  // What a killed roll-back has started goes on: what it does counts once it has ended.
  await trial.marked.remaining(5_000);
  return ended;
}
