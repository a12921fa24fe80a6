import { checkWorkload } from "../real/disk-invariants.ts";
import { awaitMoment } from "../real/moments.ts";
import { checkEnd, startRun } from "../real/sessions.ts";
import { Workload } from "../real/workload.ts";
import { drawFrom, type TrialKind } from "../trial.ts";

export const killedOrchestrator: TrialKind = {
  name: "killed-orchestrator",
  what: "kill -9 of the orchestrator at any moment of a session of commands",
  hasProcesses: true,
  share: 70,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "kill");
    const workload = new Workload(campaign.folder);
    try {
      const orchestrator = startRun(workload, campaign);
      await awaitMoment(orchestrator, draw);
      orchestrator.signal("SIGKILL");
      const ended = await orchestrator.ended;
      return [...checkEnd(ended, [null, 0]), ...(await checkWorkload(workload))];
    } finally {
      workload.remove();
    }
  },
};
