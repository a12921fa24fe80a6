import { join } from "node:path";
import type { OrchestratorOptions } from "./orchestrator.ts";
import type { TrialFolder } from "./trial-folder.ts";

const PRELOAD = join(import.meta.dirname, "crash-preload.ts");

/** Has the preload do what these variables say to an orchestrator of the workload. */
export function preload(
  { state }: TrialFolder,
  variables: Record<string, string>,
): Pick<OrchestratorOptions, "environment" | "nodeArgs"> {
  return { environment: { ...variables, CHAOS_STATE: state }, nodeArgs: ["--import", PRELOAD] };
}
