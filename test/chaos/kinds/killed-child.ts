import { checkOutputs, checkWorkload } from "../real/disk-invariants.ts";
import { checkEnd, startRun } from "../real/sessions.ts";
import { DIAMOND, Workload } from "../real/workload.ts";
import { drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const POLL_MS = 5;
const RETRIED = Object.fromEntries(
  Object.entries(DIAMOND).map(([name, step]) => [name, { ...step, seconds: 0.2, more: { retries: 2 } }]),
);

export const killedChild: TrialKind = {
  name: "killed-child",
  what: "kill -9 of a run's own process: it is tried again, and the session ends as if nothing had happened",
  hasProcesses: true,
  share: 10,
  async run(seed, campaign) {
    const victim = Object.keys(RETRIED)[Math.floor(drawFrom(String(seed), "child")() * 4)] ?? "left";
    const workload = new Workload(campaign.folder, RETRIED);
    try {
      const orchestrator = startRun(workload, campaign);
      const pid = await awaitWitness(workload, victim, orchestrator.ended);
      if (pid !== null) process.kill(pid, "SIGKILL");
      const ended = await orchestrator.ended;
      const starts = workload.witnesses().filter(({ run }) => run === victim).length;
      const violations: Violation[] = checkEnd(ended, [0]);
      if (starts !== 2)
        violations.push(violate("no-run-lost", `${victim} was killed once and started ${starts} times`));
      return [...violations, ...(await checkWorkload(workload)), ...checkOutputs(workload)];
    } finally {
      workload.remove();
    }
  },
};

/** The pid of the run's first process; null if the session ended before. */
async function awaitWitness(workload: Workload, run: string, ended: Promise<unknown>): Promise<number | null> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const witness = workload.witnesses().find((each) => each.run === run);
    if (witness !== undefined) return witness.pid;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return null;
}
