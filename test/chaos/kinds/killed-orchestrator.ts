import { checkWorkload } from "../real/disk-invariants.ts";
import { finishSession } from "../real/finish-session.ts";
import { awaitMoment } from "../real/moments.ts";
import { checkEnd, startResume, startRun } from "../real/sessions.ts";
import type { TrialFolder } from "../real/trial-folder.ts";
import { Workload } from "../real/workload.ts";
import { type Campaign, type Draw, drawFrom, type TrialKind } from "../trial.ts";
import type { Violation } from "../violation.ts";

const MOST_KILLED_RESUMES = 3;

export const killedOrchestrator: TrialKind = {
  name: "killed-orchestrator",
  what: "kill -9 of the orchestrator at any moment of a session of commands; resumed at once, or when its children have ended",
  hasProcesses: true,
  share: 18,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "kill");
    const workload = new Workload(campaign.folder);
    try {
      return [...(await killRun(workload, campaign, draw)), ...(await finishLater(workload, campaign, draw))];
    } finally {
      workload.remove();
    }
  },
};

export const killedResume: TrialKind = {
  name: "killed-resume",
  what: "the same, and kill -9 of up to three who resume it, at any moment; the last one finishes it",
  hasProcesses: true,
  share: 10,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "kill-resume");
    const workload = new Workload(campaign.folder);
    const violations: Violation[] = [];
    try {
      violations.push(...(await killRun(workload, campaign, draw)));
      for (let left = 1 + Math.floor(draw() * MOST_KILLED_RESUMES); left > 0; left--) {
        const resumer = startResume(workload, campaign, { args: drawArgs(draw) });
        await awaitMoment(resumer, draw);
        if (resumer.signal("SIGKILL")) campaign.noteKill();
        // Without a registry there is nothing to resume.
        violations.push(...checkEnd(await resumer.ended, [null, 0, 2]));
      }
      return [...violations, ...(await finishLater(workload, campaign, draw))];
    } finally {
      workload.remove();
    }
  },
};

async function killRun(workload: TrialFolder, campaign: Campaign, draw: Draw): Promise<Violation[]> {
  const orchestrator = startRun(workload, campaign);
  await awaitMoment(orchestrator, draw);
  if (orchestrator.signal("SIGKILL")) campaign.noteKill();
  return checkEnd(await orchestrator.ended, [null, 0]);
}

/** Half of the time its children have ended by then, and what is left is looked at as it is. */
async function finishLater(workload: TrialFolder, campaign: Campaign, draw: Draw): Promise<Violation[]> {
  const left = draw() < 0.5 ? await checkWorkload(workload) : [];
  return [...left, ...(await finishSession(workload, campaign, { args: drawArgs(draw) }))];
}

function drawArgs(draw: Draw): string[] {
  return draw() < 0.2 ? ["--kill"] : [];
}
