import type { Campaign } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";
import { type Ended, Orchestrator, type OrchestratorOptions } from "./orchestrator.ts";
import type { Workload } from "./workload.ts";

type Extra = Omit<OrchestratorOptions, "packageFolder" | "args">;

/** `run` of the workload's file. */
export function startRun(workload: Workload, { packageFolder }: Campaign, extra: Extra = {}): Orchestrator {
  return new Orchestrator(workload, { packageFolder, args: ["run", workload.file, "--json"], ...extra });
}

/** A fault of ours has exit code 70 and a trace. */
export function checkEnd({ exitCode, stderr }: Ended, allowed: readonly (number | null)[]): Violation[] {
  if (exitCode !== 70 && allowed.includes(exitCode)) return [];
  return [violate("nothing-but-a-known-error", `exit code ${exitCode}: ${stderr.trim().slice(-2_000)}`)];
}
