import type { Campaign } from "../trial.ts";
import type { Violation } from "../violation.ts";
import { actStages, startCommand } from "./act-stage.ts";
import { ACTS, type Act } from "./acts.ts";
import { judgeStage } from "./judge-stage.ts";
import { listKinds } from "./listing.ts";
import type { Ended } from "./orchestrator.ts";
import type { SeenPoint } from "./point.ts";
import { preloadLog, readPoints } from "./preload.ts";
import { checkEnd } from "./sessions.ts";

/** What each act does alone, and what all of them leave. */
export interface Alone {
  points: ReadonlyMap<string, readonly SeenPoint[]>;
  kinds: ReadonlySet<string>;
}

const known = new Map<string, Promise<Alone>>();

export function findAlone(campaign: Campaign): Promise<Alone> {
  const found = known.get(campaign.folder) ?? actAlone(campaign);
  known.set(campaign.folder, found);
  return found;
}

async function actAlone(campaign: Campaign): Promise<Alone> {
  const points = new Map<string, readonly SeenPoint[]>();
  const kinds = new Set<string>();
  const waiting = [...ACTS];
  const work = async () => {
    for (let act = waiting.shift(); act !== undefined; act = waiting.shift())
      await tryAlone(act, campaign, { points, kinds });
  };
  await Promise.all(Array.from({ length: actStages.most }, work));
  return { points, kinds };
}

async function tryAlone(
  act: Act,
  campaign: Campaign,
  { points, kinds }: { points: Map<string, readonly SeenPoint[]>; kinds: Set<string> },
): Promise<void> {
  await actStages.use(campaign, async ({ trial, facts }) => {
    const ended = await startCommand(trial, campaign, { args: act.args(facts), ...preloadLog(trial) }).ended;
    const wrong = [...told(act, ended), ...(await judgeStage(trial, { campaign, kinds: listKinds(trial) }))];
    if (wrong.length > 0) throw new Error(`${act.name} alone: ${JSON.stringify(wrong)}`);
    points.set(act.name, readPoints(trial));
    for (const kind of listKinds(trial)) kinds.add(kind);
  });
}

/** An act's end is one of those that it may come to. */
export function told({ name, exitCodes }: Act, ended: Ended): Violation[] {
  return checkEnd(ended, exitCodes).map((each) => ({ ...each, detail: `${name}: ${each.detail}` }));
}
