import { checkWorkload } from "../real/disk-invariants.ts";
import { finishSession } from "../real/finish-session.ts";
import { preloadLog, preloadStrike } from "../real/preload.ts";
import { checkEnd, startRun } from "../real/sessions.ts";
import { findUndisturbed } from "../real/undisturbed.ts";
import { CAPTURED, PUBLISHED, Workload } from "../real/workload.ts";
import { spread } from "../spread.ts";
import { type Campaign, drawFrom, type TrialKind } from "../trial.ts";

/** No permission, as of a folder that was made unwritable meanwhile; no space, of what takes some. */
const CODES: Readonly<Record<string, RegExp>> = {
  EACCES: /./,
  ENOSPC: /^(open|write|writeFile|copyFile|mkdir|link|rename|handle\.(write|writeFile|sync)) /,
};
const ENDS = [0, 1, 2, 3];

export const fileCallFails: TrialKind = {
  name: "file-call-fails",
  what: "a call that changes a file is refused, at any point: no permission, or no space; then the session is finished",
  hasProcesses: true,
  share: 3,
  full: 300,
  async run(seed, campaign) {
    const points = await listPoints(campaign);
    const names = [...new Set(points.map(({ name }) => name))];
    const cases = names.flatMap((name) =>
      Object.entries(CODES).flatMap(([code, ofSome]) => (ofSome.test(name) ? [{ name, code }] : [])),
    );
    const wanted = cases.filter(({ name, code }) => campaign.isWanted(`${code} of ${name}`));
    const chosen = wanted[spread(seed, wanted.length)];
    if (chosen === undefined) return [];
    const same = points.filter(({ name }) => name === chosen.name);
    const { nth } = same[Math.floor(drawFrom(String(seed), "calls")() * same.length)] ?? { nth: 1 };
    const workload = new Workload(campaign.folder, CAPTURED, PUBLISHED);
    try {
      const strike = { name: chosen.name, nth, when: "instead", what: chosen.code } as const;
      const ended = await startRun(workload, campaign, preloadStrike(workload, strike)).ended;
      const found = [...checkEnd(ended, ENDS), ...(await checkWorkload(workload))];
      found.push(...(await finishSession(workload, campaign, preloadLog(workload))));
      // What could not be removed is there.
      const isRemoval = /^(rm|rmdir|unlink) /.test(chosen.name);
      const wrong = found.filter(({ invariant }) => !(isRemoval && invariant === "nothing-left-behind"));
      return wrong.map((each) => ({ ...each, detail: `${chosen.code} of ${chosen.name} (${nth}): ${each.detail}` }));
    } finally {
      workload.remove();
    }
  },
};

async function listPoints(campaign: Campaign) {
  const twin = new Workload(campaign.folder, CAPTURED, PUBLISHED);
  const undisturbed = await findUndisturbed(twin, campaign);
  twin.remove();
  return (undisturbed?.points ?? []).filter(({ name }) => !/^(BEGIN|COMMIT|INSERT|UPDATE|DELETE)/.test(name));
}
