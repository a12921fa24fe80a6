import { join } from "node:path";
import type { ResolvedRun } from "../../core/port/runner.ts";
import { listVersions } from "../../core/read-version.ts";
import { markRun } from "../../processes/run-mark.ts";
import type { CommandPaths } from "./fill-paths.ts";

export interface EnvironmentParts {
  /** Environment that the orchestrator itself was given. */
  base: NodeJS.ProcessEnv;
  /** The task's variables, filled in. */
  own: Record<string, string>;
  paths: CommandPaths;
  /** Variables that its program alone is given. */
  told: Record<string, string>;
  attemptFolder: string;
}

/** Environment of a process: its identity, its paths, its pins, and where to report metrics. */
export function processEnvironment(run: ResolvedRun, parts: EnvironmentParts) {
  return {
    ...parts.base,
    ...parts.own,
    ...markRun(parts.base, run.run_id),
    RUNWEAVE_SESSION_ID: run.session_id,
    RUNWEAVE_INPUTS: JSON.stringify(parts.paths.inputs),
    RUNWEAVE_OUTPUTS: JSON.stringify(parts.paths.outputs),
    RUNWEAVE_LOAD_VERSIONS: JSON.stringify(listVersions(run)),
    RUNWEAVE_METRICS: metricsPath(parts.attemptFolder),
    ...parts.told,
  };
}

/** File in which a process may report metrics. */
export function metricsPath(attemptFolder: string): string {
  return join(attemptFolder, "metrics.json");
}
