import type { Campaign } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";
import { type Ended, Orchestrator, type OrchestratorOptions } from "./orchestrator.ts";
import type { TrialFolder } from "./trial-folder.ts";

type Extra = Omit<OrchestratorOptions, "packageFolder" | "args">;

const TOLD = 1_000;

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
export function checkEnd({ exitCode, stderr, stdout, hang }: Ended, allowed: readonly (number | null)[]): Violation[] {
  if (hang !== null) {
    const told = `${stdout.trim().split("\n").at(-1)?.slice(-TOLD) ?? ""} ${stderr.trim().slice(-TOLD)}`;
    return [violate("session-ends", `it had not ended after a while: ${hang}\n  it had said: ${told}`)];
  }
  if (exitCode !== 70 && allowed.includes(exitCode)) return [];
  const told = stderr.trim() || stdout.trim();
  return [violate("nothing-but-a-known-error", `exit code ${exitCode}: ${told.slice(-TOLD)}`)];
}
