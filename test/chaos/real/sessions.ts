import type { Campaign } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";
import { type Ended, Orchestrator, type OrchestratorOptions } from "./orchestrator.ts";
import type { TrialFolder } from "./trial-folder.ts";

type Extra = Omit<OrchestratorOptions, "packageFolder" | "args">;

/** `run` of the workload's file. */
export function startRun(workload: TrialFolder, { packageFolder }: Campaign, extra: Extra = {}): Orchestrator {
  return new Orchestrator(workload, { packageFolder, args: ["run", workload.file, "--json"], ...extra });
}

/** `resume` of the workload's newest session that is not finished. */
export function startResume(
  workload: TrialFolder,
  { packageFolder }: Campaign,
  { args = [], ...extra }: Extra & { args?: readonly string[] | undefined } = {},
): Orchestrator {
  return new Orchestrator(workload, { packageFolder, args: ["resume", "--json", ...args], ...extra });
}

/** A fault of ours has exit code 70 and a trace. */
export function checkEnd(
  { exitCode, stderr, stdout, isHung }: Ended,
  allowed: readonly (number | null)[],
): Violation[] {
  if (isHung) return [violate("session-ends", `it had not ended after a while: ${stdout.slice(-2_000)}`)];
  if (exitCode !== 70 && allowed.includes(exitCode)) return [];
  const told = stderr.trim() || stdout.trim();
  return [violate("nothing-but-a-known-error", `exit code ${exitCode}: ${told.slice(-2_000)}`)];
}
