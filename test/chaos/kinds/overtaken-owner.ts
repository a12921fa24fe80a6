import { setTimeout as delay } from "node:timers/promises";
import { type ActFacts, actStages, startCommand } from "../real/act-stage.ts";
import type { Act } from "../real/acts.ts";
import { findAlone } from "../real/alone.ts";
import { endProcesses } from "../real/end-processes.ts";
import { judgeStage } from "../real/judge-stage.ts";
import type { SeenPoint, Strike } from "../real/point.ts";
import { preloadLog, preloadStrike } from "../real/preload.ts";
import { readRegistry } from "../real/read-registry.ts";
import { checkEnd } from "../real/sessions.ts";
import type { Stage } from "../real/stage-pool.ts";
import { spread } from "../spread.ts";
import { type Campaign, drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const LEASE_MS = 400;
const ENVIRONMENT = { RUNWEAVE_LEASE_MS: String(LEASE_MS) };
const RUN = ["run", "workflow.json", "--json"];
const LOST = 3;
const RUN_AS_ACT: Act = { name: "run", args: () => RUN, exitCodes: [0] };
/** It is stopped while two others work. */
const PATIENT = 4;
const WHENS = ["before", "after"] as const;

interface Case {
  name: string;
  when: (typeof WHENS)[number];
}

export const overtakenOwner: TrialKind = {
  name: "overtaken-owner",
  what: "a session's process is stopped past its lease at any point; `resume` finishes the session, a newer one publishes, and it goes on",
  hasProcesses: true,
  share: 2,
  full: 300,
  mostAtOnce: actStages.most,
  async run(seed, campaign) {
    const { points, kinds } = await findAlone(RUN_AS_ACT, campaign);
    const cases = listCases(points).filter((each) => campaign.isWanted(tell(each)));
    const chosen = cases[spread(seed, cases.length)];
    if (chosen === undefined) return [];
    const same = points.filter(({ name }) => name === chosen.name);
    const { nth } = same[Math.floor(drawFrom(String(seed), "overtaken")() * same.length)] ?? { nth: 1 };
    const strike: Strike = { ...chosen, nth, what: "SIGSTOP" };
    const found = await actStages.use(campaign, (stage) => overtake(stage, { campaign, strike, kinds }));
    return found.map((each) => ({ ...each, detail: `${tell(chosen)} (${nth}): ${each.detail}` }));
  },
};

function tell({ name, when }: Case): string {
  return `stopped ${when} ${name}`;
}

/** Who is stopped within a transaction has the registry: others wait for it half a minute, and say so. */
function listCases(points: readonly SeenPoint[]): Case[] {
  const names = Map.groupBy(points, ({ name }) => name);
  return [...names].flatMap(([name, same]) => {
    if (same.some(({ isInTransaction }) => isInTransaction)) {
      return name.startsWith("COMMIT") ? [{ name, when: "after" as const }] : [];
    }
    return name.startsWith("BEGIN") ? [{ name, when: "before" as const }] : WHENS.map((when) => ({ name, when }));
  });
}

async function overtake(
  { trial, facts }: Stage<ActFacts>,
  { campaign, strike, kinds }: { campaign: Campaign; strike: Strike; kinds: ReadonlySet<string> },
): Promise<Violation[]> {
  const preloaded = preloadStrike(trial, strike);
  const environment = { ...preloaded.environment, ...ENVIRONMENT };
  const sleeper = startCommand(trial, campaign, {
    ...preloaded,
    args: RUN,
    environment,
    limitMs: PATIENT * trial.limitMs,
  });
  try {
    await sleeper.stops();
    await delay(LEASE_MS * 1.5);
    const found = await finishOthers({ trial, facts }, campaign);
    sleeper.signal("SIGCONT");
    found.push(...checkEnd(await sleeper.ended, [0, LOST]).map((each) => tag("the sleeper", each)));
    const processes = (await trial.marked.remaining(5_000)).map((line) => violate("no-process-left", line));
    return [...found, ...processes, ...(await judgeStage(trial, { campaign, kinds }))];
  } finally {
    sleeper.signal("SIGKILL");
    endProcesses(trial.marked.list());
  }
}

/** What users do who find that a session does not go on: they resume it, and then they run the workflow again. */
async function finishOthers({ trial, facts }: Stage<ActFacts>, campaign: Campaign): Promise<Violation[]> {
  const session = readRegistry(trial, (registry) => registry.findSession("latest"));
  const isOnRecord = session?.status === "running" && session.session_id !== facts.cutOff;
  const extra = preloadLog(trial);
  const found: Violation[] = [];
  if (isOnRecord) {
    const resumer = startCommand(trial, campaign, { args: ["resume", session.session_id, "--json"], ...extra });
    found.push(...checkEnd(await resumer.ended, [0]).map((each) => tag("resume", each)));
  }
  const newer = startCommand(trial, campaign, { args: RUN, ...extra });
  return [...found, ...checkEnd(await newer.ended, [0]).map((each) => tag("the newer session", each))];
}

function tag(who: string, each: Violation): Violation {
  return { ...each, detail: `${who}: ${each.detail}` };
}
