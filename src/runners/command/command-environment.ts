import { join } from "node:path";
import type { CommandTask, ModuleCall, ResolvedRun } from "../../core/port/runner.ts";
import { listVersions } from "../../core/read-version.ts";
import { listSecrets, listVariables } from "../../core/variables.ts";
import { markRun } from "../../processes/run-mark.ts";
import type { CommandPaths } from "../fill-paths.ts";
import { EXCEPTION_VARIABLE, PARAMS_VARIABLE, SECRETS_VARIABLE } from "../module/read-call.ts";
import { exceptionPath } from "../module/read-exception.ts";

export interface EnvironmentParts {
  /** Environment that the orchestrator itself was given. */
  base: NodeJS.ProcessEnv;
  /** The task's variables, filled in. */
  own: Record<string, string>;
  paths: CommandPaths;
  /** Call with its parameters filled in. */
  module: ModuleCall | undefined;
  attemptFolder: string;
}

/** Environment of a command: its identity, its paths, its pins, and where to report metrics. */
export function commandEnvironment(run: ResolvedRun & { task: CommandTask }, parts: EnvironmentParts) {
  return {
    ...parts.base,
    ...parts.own,
    ...markRun(parts.base, run.run_id),
    RUNWEAVE_SESSION_ID: run.session_id,
    RUNWEAVE_INPUTS: JSON.stringify(parts.paths.inputs),
    RUNWEAVE_OUTPUTS: JSON.stringify(parts.paths.outputs),
    RUNWEAVE_LOAD_VERSIONS: JSON.stringify(listVersions(run)),
    RUNWEAVE_METRICS: metricsPath(parts.attemptFolder),
    ...(parts.module === undefined ? {} : describeModule(parts.module, run.task, parts)),
  };
}

/** Variables for the host of a module alone. */
function describeModule(
  { params }: ModuleCall,
  task: CommandTask,
  { base, attemptFolder }: Pick<EnvironmentParts, "base" | "attemptFolder">,
): Record<string, string> {
  return {
    [PARAMS_VARIABLE]: JSON.stringify(params),
    [SECRETS_VARIABLE]: JSON.stringify(listSecrets(listVariables(task), base)),
    [EXCEPTION_VARIABLE]: exceptionPath(attemptFolder),
  };
}

/** File in which a command may report metrics. */
export function metricsPath(attemptFolder: string): string {
  return join(attemptFolder, "metrics.json");
}
