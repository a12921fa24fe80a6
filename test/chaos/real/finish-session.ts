import { TerminalWatch } from "../registry-invariants.ts";
import type { Campaign } from "../trial.ts";
import type { Violation } from "../violation.ts";
import { checkOutputs, checkWorkload } from "./disk-invariants.ts";
import type { OrchestratorOptions } from "./orchestrator.ts";
import { readRegistry } from "./read-registry.ts";
import { checkEnd, startResume, startRun } from "./sessions.ts";
import type { TrialFolder } from "./trial-folder.ts";
import { compareWithUndisturbed } from "./undisturbed.ts";

export interface FinishOptions extends Omit<OrchestratorOptions, "packageFolder" | "args"> {
  /** For `resume`. */
  args?: readonly string[];
}

/**
 * Does what a user does who finds a session cut off, failed or cancelled: `runweave resume`, or `run` where nothing was on
 * record yet. Then everything must hold, what had ended must be as it was, and the outputs those of an uninterrupted session.
 */
export async function finishSession(
  workload: TrialFolder,
  campaign: Campaign,
  { args, ...extra }: FinishOptions = {},
): Promise<Violation[]> {
  const watch = new TerminalWatch();
  const isOnRecord = readRegistry(workload, (registry) => {
    watch.look(registry);
    return registry.findSession("latest") !== null;
  });
  const start = isOnRecord ? startResume(workload, campaign, { args, ...extra }) : startRun(workload, campaign, extra);
  const ended = await start.ended;
  return [
    ...checkEnd(ended, [0]),
    ...(readRegistry(workload, (registry) => watch.look(registry)) ?? []),
    ...(await checkWorkload(workload)),
    ...checkOutputs(workload),
    ...(await compareWithUndisturbed(workload, campaign)),
  ];
}
