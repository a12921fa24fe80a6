import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkWorkload } from "../real/disk-invariants.ts";
import { finishSession } from "../real/finish-session.ts";
import { preload } from "../real/preload.ts";
import { checkEnd, startRun } from "../real/sessions.ts";
import { Workload } from "../real/workload.ts";
import type { Campaign, TrialKind } from "../trial.ts";

const SIGNALS = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const;
const WHENS = ["before", "after"] as const;
const points = new Map<string, Promise<string[]>>();

export const crashPoints: TrialKind = {
  name: "crash-points",
  what: "kill -9, TERM, INT and HUP before and after each write of the orchestrator to a file or to the registry",
  hasProcesses: true,
  share: 66,
  async run(seed, campaign) {
    const names = await findPoints(campaign);
    const cases = names.length * WHENS.length;
    // Kills come first: the first round of seeds goes through every point, spread evenly.
    const at = (seed * 7919) % cases;
    const when = WHENS[at % WHENS.length] ?? "before";
    const signal = SIGNALS[Math.floor(seed / cases) % SIGNALS.length] ?? "SIGKILL";
    const number = 1 + Math.floor(at / WHENS.length);
    const workload = new Workload(campaign.folder);
    try {
      const point = `${number}:${when}:${signal}`;
      const ended = await startRun(workload, campaign, preload(workload, { CHAOS_POINT: point })).ended;
      const left = [...checkEnd(ended, [null, 0, 130]), ...(await checkWorkload(workload))];
      const named = [...left, ...(await finishSession(workload, campaign))];
      return named.map((each) => ({ ...each, detail: `${signal} ${when} ${names[number - 1]}: ${each.detail}` }));
    } finally {
      workload.remove();
    }
  },
};

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
