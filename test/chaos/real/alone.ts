import { type Campaign, withoutBug } from "../trial.ts";
import type { Violation } from "../violation.ts";
import { actStages, startCommand } from "./act-stage.ts";
import type { Act } from "./acts.ts";
import { judgeStage } from "./judge-stage.ts";
import { listKinds } from "./listing.ts";
import type { Ended } from "./orchestrator.ts";
import type { SeenPoint } from "./point.ts";
import { preloadLog, readPoints } from "./preload.ts";
import { checkEnd } from "./sessions.ts";

/** What a version has below the folder that is named after its attempt. */
const VERSION = /^state\/data\/[^/]+\/ID\/(.+)$/;
const COLLECTED = "state/trash/gc-ID/items/N/";

/** What an act does if nothing else goes on. */
export interface Alone {
  points: readonly SeenPoint[];
  /** Of all files that are there afterwards. */
  kinds: ReadonlySet<string>;
  /** What it took on this machine, with whatever else went on there. */
  ms: number;
}

const known = new Map<string, Promise<Alone>>();

export function findAlone(act: Act, campaign: Campaign): Promise<Alone> {
  const key = `${campaign.folder} ${act.name}`;
  const found = known.get(key) ?? playAlone(act, withoutBug(campaign));
  known.set(key, found);
  return found;
}

async function playAlone(act: Act, campaign: Campaign): Promise<Alone> {
  return await actStages.use(campaign, async ({ trial, facts }) => {
    const before = listKinds(trial);
    const begin = performance.now();
    const ended = await startCommand(trial, campaign, { args: act.args(facts), ...preloadLog(trial) }).ended;
    const ms = performance.now() - begin;
    const kinds = new Set([...before, ...listKinds(trial)]);
    const wrong = [...told(act, ended), ...(await judgeStage(trial, { campaign, kinds }))];
    if (wrong.length > 0) throw new Error(`${act.name} alone: ${JSON.stringify(wrong)}`);
    return { points: readPoints(trial), kinds, ms };
  });
}

/**
 * Kinds of the files that may be there after two acts: those that each leaves alone, and in the trash of a collection each
 * version, as the other act may have made it old.
 */
export function uniteKinds(of: readonly Pick<Alone, "kinds">[], { collects }: { collects: boolean }): Set<string> {
  const kinds = of.flatMap((each) => [...each.kinds]);
  const collected = kinds.flatMap((kind) => (collects ? (VERSION.exec(kind)?.[1] ?? []) : []));
  return new Set([...kinds, ...collected.map((version) => `${COLLECTED}${version}`)]);
}

/** An act's end is one of those that it may come to. */
export function told({ name, exitCodes }: Act, ended: Ended): Violation[] {
  return checkEnd(ended, exitCodes).map((each) => ({ ...each, detail: `${name}: ${each.detail}` }));
}
