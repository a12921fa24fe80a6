import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkWorkload } from "../real/disk-invariants.ts";
import { finishSession } from "../real/finish-session.ts";
import { preload } from "../real/preload.ts";
import { checkEnd, startResume, startRun } from "../real/sessions.ts";
import { Workload } from "../real/workload.ts";
import { spread } from "../spread.ts";
import { type Campaign, drawFrom, type TrialKind } from "../trial.ts";
import type { Violation } from "../violation.ts";

const SIGNALS = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const;
const WHENS = ["before", "after"] as const;
const ENDS = [null, 0, 130];
/** A session is cut off at one of so many points before its resumption is. */
const FIRST_POINTS = 120;

/** What a session does, point by point. */
interface Points {
  names: string[];
  /** Cuts off a workload's session at one. */
  strike(workload: Workload, point: string): Promise<Violation[]>;
}

const points = new Map<string, Promise<string[]>>();

export const crashPoints: TrialKind = {
  name: "crash-points",
  what: "kill -9, TERM, INT and HUP before and after each write of the orchestrator to a file or to the registry",
  hasProcesses: true,
  share: 40,
  full: 1_000,
  async run(seed, campaign) {
    return await strikeAt(seed, campaign, {
      names: await findPoints(campaign),
      strike: async (workload, point) => {
        const { ended } = startRun(workload, campaign, preload(workload, { CHAOS_POINT: point }));
        return checkEnd(await ended, ENDS);
      },
    });
  },
};

export const resumeCrashPoints: TrialKind = {
  name: "resume-crash-points",
  what: "the same of who resumes a session that was cut off at any point; the next one finishes it",
  hasProcesses: true,
  share: 16,
  full: 600,
  async run(seed, campaign) {
    const first = 1 + Math.floor(drawFrom(String(seed), "first")() * FIRST_POINTS);
    return await strikeAt(seed, campaign, {
      names: await findPoints(campaign),
      strike: async (workload, point) => {
        const cut = startRun(workload, campaign, preload(workload, { CHAOS_POINT: `${first}:after:SIGKILL` }));
        const violations = checkEnd(await cut.ended, ENDS);
        const resumer = startResume(workload, campaign, preload(workload, { CHAOS_POINT: point }));
        // Where nothing was on record yet there is nothing to resume.
        return [...violations, ...checkEnd(await resumer.ended, [...ENDS, 2])];
      },
    });
  },
};

async function strikeAt(seed: number, campaign: Campaign, { names, strike }: Points): Promise<Violation[]> {
  const cases = names.length * WHENS.length;
  // Kills come first: the first round of seeds goes through every point, spread evenly.
  const at = spread(seed, cases);
  const when = WHENS[at % WHENS.length] ?? "before";
  const signal = SIGNALS[Math.floor(seed / cases) % SIGNALS.length] ?? "SIGKILL";
  const number = 1 + Math.floor(at / WHENS.length);
  const workload = new Workload(campaign.folder);
  try {
    const left = await strike(workload, `${number}:${when}:${signal}`);
    left.push(...(await checkWorkload(workload)));
    const named = [...left, ...(await finishSession(workload, campaign))];
    return named.map((each) => ({ ...each, detail: `${signal} ${when} ${names[number - 1]}: ${each.detail}` }));
  } finally {
    workload.remove();
  }
}

/** The names of all points of an undisturbed session, in their order. */
function findPoints(campaign: Campaign): Promise<string[]> {
  const found = points.get(campaign.folder) ?? listPoints(campaign);
  points.set(campaign.folder, found);
  return found;
}

async function listPoints(campaign: Campaign): Promise<string[]> {
  const workload = new Workload(campaign.folder);
  const log = join(workload.folder, "points");
  await startRun(workload, campaign, preload(workload, { CHAOS_LOG: log })).ended;
  const names = readFileSync(log, "utf8").split("\n").slice(0, -1);
  workload.remove();
  return names;
}
