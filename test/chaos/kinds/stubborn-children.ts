import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkWorkload } from "../real/disk-invariants.ts";
import { endProcesses } from "../real/end-processes.ts";
import { finishSession } from "../real/finish-session.ts";
import { checkEnd, startRun } from "../real/sessions.ts";
import { Workload } from "../real/workload.ts";
import { drawFrom, type TrialKind } from "../trial.ts";

/** What a process does that doesn't want to end. */
const SCRIPTS: Readonly<Record<string, string>> = {
  "ignores every signal that it may ignore": "trap '' INT TERM HUP; echo ready >\"$0\"; while :; do sleep 1; done",
  "has a child that ignores them": 'sh -c "trap \'\' INT TERM HUP; sleep 60" & echo ready >"$0"; wait',
  "leaves a child behind in the background": 'sleep 60 & echo ready >"$0"; sleep 60',
  "has a child in a session of its own": 'setsid sleep 60 & echo ready >"$0"; wait',
  "leaves a daemon behind and succeeds": 'setsid sleep 60 & echo ready >"$0"',
};

export const stubbornChildren: TrialKind = {
  name: "stubborn-children",
  what: "children that ignore signals, have children, or start sessions of their own: interrupted, or left alone by a kill -9 and ended with `resume --kill`, none is left",
  hasProcesses: true,
  share: 10,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "stubborn");
    const scripts = Object.values(SCRIPTS);
    const script = scripts[seed % scripts.length] ?? "";
    // From then on it does as it is told.
    const cure = '[ -e cured ] && { echo ready >"$0"; exit 0; }';
    const command = ["/bin/sh", "-c", `${cure}; ${script}`, "OUTPUT"];
    const workload = new Workload(campaign.folder, { stubborn: { command, content: "ready\n" } });
    try {
      const orchestrator = startRun(workload, campaign);
      await orchestrator.shows('"run.started"');
      await delay(draw() * 100);
      const isKilled = draw() < 0.4;
      orchestrator.signal(isKilled ? "SIGKILL" : "SIGINT");
      await delay(50 + draw() * 100);
      orchestrator.signal("SIGTERM");
      const ended = await orchestrator.ended;
      writeFileSync(join(workload.folder, "cured"), "");
      const left = isKilled ? [] : await checkWorkload(workload);
      const args = isKilled ? ["--kill"] : [];
      return [...checkEnd(ended, [130, 0, null]), ...left, ...(await finishSession(workload, campaign, { args }))];
    } finally {
      endProcesses(workload.marked.list());
      workload.remove();
    }
  },
};
