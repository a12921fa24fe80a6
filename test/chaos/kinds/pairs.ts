import { setTimeout as delay } from "node:timers/promises";
import { type ActFacts, actStages, startCommand } from "../real/act-stage.ts";
import { ACTS, type Act } from "../real/acts.ts";
import { findAlone, told, uniteKinds } from "../real/alone.ts";
import { endProcesses } from "../real/end-processes.ts";
import { judgeStage } from "../real/judge-stage.ts";
import type { SeenPoint, Strike, When } from "../real/point.ts";
import { preloadLog, preloadStrike } from "../real/preload.ts";
import type { Stage } from "../real/stage-pool.ts";
import { spread } from "../spread.ts";
import { type Campaign, drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const WHENS: readonly When[] = ["before", "inside", "after"];
/** Longer than any act takes that nothing holds up: on a quiet machine, and by what it took alone on one that is busy. */
const WAIT_MS = 3_000;
const WAIT_TIMES = 4;
/** Pairs differ by it in where they begin. */
const START = 7;

/** `stopped` is stopped at a point, and `whole` runs whole meanwhile. */
interface Pair {
  stopped: Act;
  whole: Act;
}

export const pairs: TrialKind = {
  name: "pairs",
  what: "two commands at once, of all that change data: one is stopped at any point, the other one runs whole, the first one goes on",
  hasProcesses: true,
  share: 6,
  full: 1_000,
  mostAtOnce: actStages.most,
  async run(seed, campaign) {
    const all = ACTS.flatMap((stopped) => ACTS.map((whole): Pair => ({ stopped, whole })));
    const wanted = all.filter((pair) => campaign.mayHold(tell(pair)));
    const pair = wanted[spread(seed, wanted.length)];
    if (pair === undefined) return [];
    const [stopped, whole] = [await findAlone(pair.stopped, campaign), await findAlone(pair.whole, campaign)];
    const strikes = listStrikes(stopped.points).filter((each) => campaign.isWanted(tell(pair, each)));
    // The next time that the pair has its turn it is another point.
    const strike = strikes[spread(Math.floor(seed / wanted.length) + START, strikes.length)];
    if (strike === undefined) return [];
    const { nth } = draw(stopped.points, strike.name, seed);
    const kinds = uniteKinds([stopped, whole], { collects: [pair.stopped, pair.whole].some((act) => act.collects) });
    const waitMs = Math.max(WAIT_MS, WAIT_TIMES * whole.ms);
    const found = await actStages.use(campaign, (stage) => {
      return playPair(stage, { campaign, pair, kinds, strike: { ...strike, nth, what: "SIGSTOP" }, waitMs });
    });
    return found.map((each) => ({ ...each, detail: `${tell(pair, strike)} (${nth}): ${each.detail}` }));
  },
};

function tell({ stopped, whole }: Pair, strike?: Pick<Strike, "when" | "name">): string {
  const where = strike === undefined ? "" : ` that is stopped ${strike.when} ${strike.name}`;
  return `${whole.name} beside ${stopped.name}${where}`;
}

/** Each name once: which of its points it is is left to chance. */
function listStrikes(points: readonly SeenPoint[]): Pick<Strike, "when" | "name">[] {
  return [...Map.groupBy(points, ({ name }) => name)].flatMap(([name, same]) => {
    const whens = WHENS.filter((when) => when !== "inside" || same.some(({ hasInside }) => hasInside));
    return whens.map((when) => ({ name, when }));
  });
}

function draw(points: readonly SeenPoint[], name: string, seed: number): { nth: number } {
  const same = points.filter((point) => point.name === name);
  return same[Math.floor(drawFrom(String(seed), "pairs")() * same.length)] ?? { nth: 1 };
}

interface Play {
  campaign: Campaign;
  pair: Pair;
  strike: Strike;
  kinds: ReadonlySet<string>;
  waitMs: number;
}

async function playPair({ trial, facts }: Stage<ActFacts>, play: Play): Promise<Violation[]> {
  const { campaign, pair, strike, kinds, waitMs } = play;
  const { stopped, whole } = pair;
  const first = startCommand(trial, campaign, { args: stopped.args(facts), ...preloadStrike(trial, strike) });
  try {
    await first.stops();
    const second = startCommand(trial, campaign, { args: whole.args(facts), ...preloadLog(trial) });
    const hasWaited = await Promise.race([second.ended.then(() => false), delay(waitMs, true, { ref: false })]);
    first.signal("SIGCONT");
    const ends = [
      ...told(stopped, await first.ended),
      ...told(whole, await second.ended).map((each) =>
        hasWaited ? { ...each, detail: `${each.detail} (it waited)` } : each,
      ),
    ];
    const processes = (await trial.marked.remaining(5_000)).map((line) => violate("no-process-left", line));
    return [...ends, ...processes, ...(await judgeStage(trial, { campaign, kinds }))];
  } finally {
    first.signal("SIGKILL");
    endProcesses(trial.marked.list());
  }
}
