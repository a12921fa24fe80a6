import { join } from "node:path";
import type { CommandTask, ResolvedRun } from "../../core/runner.ts";
import type { CommandPaths } from "./fill-paths.ts";

/** Its value tells a command's processes from all others, wherever they went. */
export const RUN_ID_VARIABLE = "RUNWEAVE_RUN_ID";

export interface EnvironmentParts {
  /** What the orchestrator itself was given. */
  base: NodeJS.ProcessEnv;
  /** The task's variables, filled in. */
  own: Record<string, string>;
  paths: CommandPaths;
  attemptFolder: string;
}

/** What a command finds in its environment: its identity, its paths, its pins, and where to report metrics. */
export function commandEnvironment(run: ResolvedRun & { task: CommandTask }, parts: EnvironmentParts) {
  return {
    ...parts.base,
    ...parts.own,
    [RUN_ID_VARIABLE]: run.run_id,
    RUNWEAVE_SESSION_ID: run.session_id,
    RUNWEAVE_INPUTS: JSON.stringify(parts.paths.inputs),
    RUNWEAVE_OUTPUTS: JSON.stringify(parts.paths.outputs),
    RUNWEAVE_LOAD_VERSIONS: JSON.stringify(run.load_versions),
    RUNWEAVE_METRICS: metricsPath(parts.attemptFolder),
  };
}

/** Where a command may report metrics. */
export function metricsPath(attemptFolder: string): string {
  return join(attemptFolder, "metrics.json");
}
