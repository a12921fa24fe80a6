import { type ActFacts, actStages, startCommand } from "../real/act-stage.ts";
import { ACTS, type Act } from "../real/acts.ts";
import { findAlone } from "../real/alone.ts";
import { endProcesses } from "../real/end-processes.ts";
import { judgeStage } from "../real/judge-stage.ts";
import type { Strike, When } from "../real/point.ts";
import { preloadLog, preloadStrike } from "../real/preload.ts";
import { readRegistry } from "../real/read-registry.ts";
import { checkEnd } from "../real/sessions.ts";
import type { Stage } from "../real/stage-pool.ts";
import type { TrialFolder } from "../real/trial-folder.ts";
import { spread } from "../spread.ts";
import type { Campaign, TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const WHENS: readonly When[] = ["before", "inside", "after"];
/** What was done to its end before the kill is refused the second time. */
const ENDS = [0, 1, 2];
const START = 11;

export const killedActs: TrialKind = {
  name: "killed-acts",
  what: "kill -9 at any point of each command that changes data, healing too; what it left is resumed, and the same is done again",
  hasProcesses: true,
  share: 2,
  full: 400,
  mostAtOnce: actStages.most,
  async run(seed, campaign) {
    const wanted = ACTS.filter(({ name }) => campaign.mayHold(name));
    const act = wanted[spread(seed, wanted.length)];
    if (act === undefined) return [];
    const { points, kinds } = await findAlone(act, campaign);
    const strikes = points.flatMap((point) =>
      WHENS.filter((when) => when !== "inside" || point.hasInside).map((when) => ({ ...point, when, what: "SIGKILL" })),
    );
    const possible = strikes.filter((each) => campaign.isWanted(tell(act, each)));
    const strike = possible[spread(Math.floor(seed / wanted.length) + START, possible.length)];
    if (strike === undefined) return [];
    const found = await actStages.use(campaign, (stage) => killAndRepeat(stage, { act, strike, kinds, campaign }));
    return found.map((each) => ({ ...each, detail: `${tell(act, strike)} (${strike.nth}): ${each.detail}` }));
  },
};

function tell({ name }: Act, strike: Strike): string {
  return `${name}, ${strike.when} ${strike.name}`;
}

async function killAndRepeat(
  { trial, facts }: Stage<ActFacts>,
  about: { act: Act; strike: Strike; kinds: ReadonlySet<string>; campaign: Campaign },
): Promise<Violation[]> {
  const { act, strike, kinds, campaign } = about;
  const args = act.args(facts);
  try {
    const cutOff = startCommand(trial, campaign, { args, ...preloadStrike(trial, strike) });
    const found = checkEnd(await cutOff.ended, [null, ...act.exitCodes]);
    const resumed = findUnfinished(trial, facts);
    const commands = [...(resumed === null ? [] : [["resume", resumed, "--json"]]), args];
    for (const command of commands) {
      const { ended } = startCommand(trial, campaign, { args: command, ...preloadLog(trial) });
      found.push(...checkEnd(await ended, ENDS).map((each) => ({ ...each, detail: `${command[0]}: ${each.detail}` })));
    }
    const processes = (await trial.marked.remaining(5_000)).map((line) => violate("no-process-left", line));
    return [...found, ...processes, ...(await judgeStage(trial, { campaign, kinds }))];
  } finally {
    endProcesses(trial.marked.list());
  }
}

function findUnfinished(trial: TrialFolder, { cutOff }: ActFacts): string | null {
  const session = readRegistry(trial, (registry) => registry.findSession("latest"));
  return session?.status === "running" && session.session_id !== cutOff ? session.session_id : null;
}
