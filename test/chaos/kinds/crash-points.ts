import { checkWorkload } from "../real/disk-invariants.ts";
import { finishSession } from "../real/finish-session.ts";
import type { SeenPoint, Strike, When } from "../real/point.ts";
import { preloadLog, preloadStrike } from "../real/preload.ts";
import { checkEnd, startResume, startRun } from "../real/sessions.ts";
import { findUndisturbed } from "../real/undisturbed.ts";
import { CAPTURED, DIAMOND, PUBLISHED, type Steps, Workload } from "../real/workload.ts";
import { spread } from "../spread.ts";
import { type Campaign, type Draw, drawFrom, type TrialKind } from "../trial.ts";
import type { Violation } from "../violation.ts";

const SIGNALS = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const;
const WHENS: readonly When[] = ["before", "inside", "after"];
const ENDS = [null, 0, 130];

interface Form {
  name: string;
  steps: Steps;
  header?: object;
}

const FORMS: readonly Form[] = [
  { name: "four commands", steps: DIAMOND },
  { name: "captured and published", steps: CAPTURED, header: PUBLISHED },
];

/** A form of workload, and one of the points of its session. */
interface Case {
  form: Form;
  points: readonly SeenPoint[];
  /** Of all points of one name: which of them is struck is left to chance. */
  name: string;
  when: When;
}

export const crashPoints: TrialKind = {
  name: "crash-points",
  what: "kill -9, TERM, INT and HUP before, within and after each change that the orchestrator makes to a file or the registry",
  hasProcesses: true,
  share: 24,
  full: 1_000,
  async run(seed, campaign) {
    return await strikeAt(seed, campaign, async (workload, strike) => {
      const { ended } = startRun(workload, campaign, preloadStrike(workload, strike));
      return checkEnd(await ended, ENDS);
    });
  },
};

export const resumeCrashPoints: TrialKind = {
  name: "resume-crash-points",
  what: "the same of who resumes a session that was cut off at any point; the next one finishes it",
  hasProcesses: true,
  share: 10,
  full: 600,
  async run(seed, campaign) {
    return await strikeAt(seed, campaign, async (workload, strike, { draw, points }) => {
      const first = points[Math.floor(draw() * points.length)] ?? strike;
      const cutOff = preloadStrike(workload, { ...first, when: "after", what: "SIGKILL" });
      const violations = checkEnd(await startRun(workload, campaign, cutOff).ended, ENDS);
      const resumer = startResume(workload, campaign, preloadStrike(workload, strike));
      // Where nothing was on record yet there is nothing to resume.
      return [...violations, ...checkEnd(await resumer.ended, [...ENDS, 2])];
    });
  },
};

/** Cuts off a workload's session. */
type CutOff = (
  workload: Workload,
  strike: Strike,
  about: { draw: Draw; points: readonly SeenPoint[] },
) => Promise<Violation[]>;

async function strikeAt(seed: number, campaign: Campaign, cutOff: CutOff): Promise<Violation[]> {
  const cases = (await findCases(campaign)).filter((each) => campaign.isWanted(tell(each)));
  const chosen = cases[spread(seed, cases.length)];
  if (chosen === undefined) return [];
  const { form, points, name, when } = chosen;
  const draw = drawFrom(String(seed), "crash-points");
  const same = points.filter((point) => point.name === name);
  const { nth } = same[Math.floor(draw() * same.length)] ?? { nth: 1 };
  // Kills come first: the first round of seeds goes through every point, spread evenly.
  const signal = SIGNALS[Math.floor(seed / cases.length) % SIGNALS.length] ?? "SIGKILL";
  const workload = new Workload(campaign.folder, form.steps, form.header);
  try {
    const left = await cutOff(workload, { name, nth, when, what: signal }, { draw, points });
    left.push(...(await checkWorkload(workload)));
    const named = [...left, ...(await finishSession(workload, campaign, preloadLog(workload)))];
    return named.map((each) => ({ ...each, detail: `${tell(chosen)} (${nth}), ${signal}: ${each.detail}` }));
  } finally {
    workload.remove();
  }
}

function tell({ form, name, when }: Case): string {
  return `${form.name}, ${when} ${name}`;
}

/** Every form at every point, each name once. */
async function findCases(campaign: Campaign): Promise<Case[]> {
  const all: Case[] = [];
  for (const form of FORMS) {
    const twin = new Workload(campaign.folder, form.steps, form.header);
    const { points } = (await findUndisturbed(twin, campaign)) ?? { points: [] };
    twin.remove();
    const names = Map.groupBy(points, ({ name }) => name);
    for (const [name, same] of names) {
      const whens = WHENS.filter((when) => when !== "inside" || same.some(({ hasInside }) => hasInside));
      all.push(...whens.map((when) => ({ form, points, name, when })));
    }
  }
  return all;
}
