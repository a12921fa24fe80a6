import { listTree } from "../real/listing.ts";
import { Orchestrator } from "../real/orchestrator.ts";
import { preload } from "../real/preload.ts";
import { checkEnd } from "../real/sessions.ts";
import { Workload } from "../real/workload.ts";
import type { TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const COMMANDS = ["run", "plan", "validate", "resume", "doctor"] as const;
/** What is read last, and takes longest. */
const MODULES = ["whole-program.js", "whole.js"] as const;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const CASES = COMMANDS.flatMap((command) =>
  MODULES.flatMap((module) => SIGNALS.map((signal) => ({ command, module, signal }))),
);
const INTERRUPTED = 130;
const WORDS = "error[interrupted]  interrupted\n";

export const earlySignals: TrialKind = {
  name: "early-signals",
  what: "Ctrl-C, TERM and HUP while the program is still read: it ends as interrupted, says so, and has done nothing",
  hasProcesses: true,
  share: 3,
  full: CASES.length,
  async run(seed, campaign) {
    const cases = CASES.filter((each) => campaign.isWanted(tell(each)));
    const chosen = cases[(seed * 7) % Math.max(1, cases.length)];
    if (chosen === undefined) return [];
    const { command, module, signal } = chosen;
    const workload = new Workload(campaign.folder);
    const files = listTree(workload.folder);
    try {
      const { packageFolder } = campaign;
      const args = command === "resume" ? [command] : [command, workload.file];
      const signalled = preload(workload, { CHAOS_SIGNAL: `${module}:${signal}` });
      const ended = await new Orchestrator(workload, { packageFolder, args, ...signalled }).ended;
      const found: Violation[] = checkEnd(ended, [INTERRUPTED]);
      if (ended.stderr !== WORDS) found.push(violate("nothing-but-a-known-error", `it said ${ended.stderr}`));
      const left = listTree(workload.folder).filter((path) => !files.includes(path));
      found.push(...left.map((path) => violate("nothing-left-behind", path)));
      return found.map((each) => ({ ...each, detail: `${tell(chosen)}: ${each.detail}` }));
    } finally {
      workload.remove();
    }
  },
};

function tell({ command, module, signal }: (typeof CASES)[number]): string {
  return `${command}, ${signal} as it reads ${module}`;
}
