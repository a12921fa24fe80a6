import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkWorkload } from "../real/disk-invariants.ts";
import { finishSession } from "../real/finish-session.ts";
import { preload } from "../real/preload.ts";
import { checkEnd, startResume, startRun } from "../real/sessions.ts";
import { DIAMOND, type Steps, Workload } from "../real/workload.ts";
import { spread } from "../spread.ts";
import { type Campaign, drawFrom, type TrialKind, withoutBug } from "../trial.ts";

/** Result codes of SQLite: busy, I/O error, full. */
const CODES = [13, 10, 5];
const ENDS = [0, 1, 2, 3];
/** Longer than progress waits for company: else it is always stored with the end of its run, by no call of its own. */
const SECONDS = 0.12;
const STEPS: Steps = Object.fromEntries(
  Object.entries(DIAMOND).map(([name, step]) => [name, { ...step, seconds: SECONDS }]),
);
const counts = new Map<string, Promise<number>>();

/** Seeds go through all calls of a session, spread evenly, then through them again with the next error. */
export const sqliteCallFails: TrialKind = {
  name: "sqlite-call-fails",
  what: "the Nth call of SQLite fails, for every N, in a session or in its resumption: full, I/O error, busy",
  hasProcesses: true,
  share: 12,
  full: 600,
  async run(seed, campaign) {
    const calls = await countCalls(campaign);
    const call = 1 + spread(seed, calls);
    const code = CODES[Math.floor(seed / calls) % CODES.length];
    const draw = drawFrom(String(seed), "sqlite");
    const workload = new Workload(campaign.folder, STEPS);
    const faulty = preload(workload, { CHAOS_SQLITE: `${call}:${code}` });
    try {
      const ended = checkEnd(await startRun(workload, campaign, faulty).ended, ENDS);
      const left = [...ended, ...(await checkWorkload(workload))];
      if (draw() < 0.3) left.push(...checkEnd(await startResume(workload, campaign, faulty).ended, ENDS));
      const finished = await finishSession(workload, campaign);
      return [...left, ...finished].map((each) => ({ ...each, detail: `call ${call}, code ${code}: ${each.detail}` }));
    } finally {
      workload.remove();
    }
  },
};

/** The calls of an undisturbed session. */
function countCalls(campaign: Campaign): Promise<number> {
  const found = counts.get(campaign.folder) ?? logCalls(withoutBug(campaign));
  counts.set(campaign.folder, found);
  return found;
}

async function logCalls(campaign: Campaign): Promise<number> {
  const workload = new Workload(campaign.folder, STEPS);
  const log = join(workload.folder, "calls");
  await startRun(workload, campaign, preload(workload, { CHAOS_SQLITE_LOG: log })).ended;
  const calls = readFileSync(log).length;
  workload.remove();
  return calls;
}
