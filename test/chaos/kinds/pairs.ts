import { setTimeout as delay } from "node:timers/promises";
import { type ActFacts, actStages, startCommand } from "../real/act-stage.ts";
import { ACTS, type Act } from "../real/acts.ts";
import { type Alone, findAlone, told } from "../real/alone.ts";
import { endProcesses } from "../real/end-processes.ts";
import { judgeStage } from "../real/judge-stage.ts";
import type { Strike, When } from "../real/point.ts";
import { preloadLog, preloadStrike } from "../real/preload.ts";
import type { Stage } from "../real/stage-pool.ts";
import { spread } from "../spread.ts";
import { type Campaign, drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const WHENS: readonly When[] = ["before", "inside", "after"];
/** Longer than any act takes that nothing holds up. */
const WAIT_MS = 3_000;

interface Case {
  stopped: Act;
  whole: Act;
  name: string;
  when: When;
}

export const pairs: TrialKind = {
  name: "pairs",
  what: "two commands at once, of all that change data: one is stopped at any point, the other one runs whole, the first one goes on",
  hasProcesses: true,
  share: 40,
  full: 1_000,
  mostAtOnce: actStages.most,
  async run(seed, campaign) {
    const alone = await findAlone(campaign);
    const cases = listCases(alone).filter((each) => campaign.isWanted(tell(each)));
    const chosen = cases[spread(seed, cases.length)];
    if (chosen === undefined) return [];
    const { stopped, name, when } = chosen;
    const same = (alone.points.get(stopped.name) ?? []).filter((point) => point.name === name);
    const { nth } = same[Math.floor(drawFrom(String(seed), "pairs")() * same.length)] ?? { nth: 1 };
    const strike: Strike = { name, nth, when, what: "SIGSTOP" };
    const found = await actStages.use(campaign, (stage) => playPair(stage, { campaign, chosen, strike, alone }));
    return found.map((each) => ({ ...each, detail: `${tell(chosen)} (${nth}): ${each.detail}` }));
  },
};

function tell({ stopped, whole, name, when }: Case): string {
  return `${whole.name} beside ${stopped.name} that is stopped ${when} ${name}`;
}

/** Every pair at every point of its first act, each name once: pair by pair in turn, so that few seeds see many pairs. */
function listCases({ points }: Alone): Case[] {
  return ACTS.flatMap((stopped) =>
    ACTS.flatMap((whole) => {
      const names = Map.groupBy(points.get(stopped.name) ?? [], ({ name }) => name);
      return [...names].flatMap(([name, same]) => {
        const whens = WHENS.filter((when) => when !== "inside" || same.some(({ hasInside }) => hasInside));
        return whens.map((when) => ({ stopped, whole, name, when }));
      });
    }),
  );
}

interface Play {
  campaign: Campaign;
  chosen: Pick<Case, "stopped" | "whole">;
  strike: Strike;
  alone: Alone;
}

async function playPair({ trial, facts }: Stage<ActFacts>, play: Play): Promise<Violation[]> {
  const { campaign, chosen, strike, alone } = play;
  const { stopped, whole } = chosen;
  const first = startCommand(trial, campaign, { args: stopped.args(facts), ...preloadStrike(trial, strike) });
  try {
    await first.stops();
    const second = startCommand(trial, campaign, { args: whole.args(facts), ...preloadLog(trial) });
    const hasWaited = await Promise.race([second.ended.then(() => false), delay(WAIT_MS, true, { ref: false })]);
    first.signal("SIGCONT");
    const ends = [
      ...told(stopped, await first.ended),
      ...told(whole, await second.ended).map((each) =>
        hasWaited ? { ...each, detail: `${each.detail} (it waited)` } : each,
      ),
    ];
    const processes = (await trial.marked.remaining(5_000)).map((line) => violate("no-process-left", line));
    return [...ends, ...processes, ...(await judgeStage(trial, { campaign, kinds: alone.kinds }))];
  } finally {
    first.signal("SIGKILL");
    endProcesses(trial.marked.list());
  }
}
