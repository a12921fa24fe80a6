import type { ProcessTask, ResolvedRun } from "../../core/port/runner.ts";
import { listVersions } from "../../core/read-version.ts";
import type { JsonObject } from "../../core/run.ts";
import { listInputs } from "../../core/select-reads.ts";
import { listVariables } from "../../core/variables.ts";
import { checkVariableNames } from "../../processes/find-program.ts";
import type { CommandPaths } from "./fill-paths.ts";
import { type EnvironmentParts, processEnvironment } from "./process-environment.ts";
import type { ProcessKind } from "./process-kind.ts";
import type { PlannedOutput } from "./process-outputs.ts";

type ProcessRun<T extends ProcessTask> = ResolvedRun & { task: T };

/** A process with all references filled in. */
interface FilledRun {
  argv: string[];
  /** The task's own variables. */
  own: Record<string, string>;
  /** All that it finds in its environment. */
  full: NodeJS.ProcessEnv;
}

/** The words and variables that a process is started with. Throws UnsetVariableError, UnknownPathError, CommandProblem. */
export function fillRun<T extends ProcessTask>(
  run: ProcessRun<T>,
  kind: ProcessKind<T>,
  { base, paths, attemptFolder }: Pick<EnvironmentParts, "base" | "paths" | "attemptFolder">,
): FilledRun {
  const { argv, environment: own } = kind.fill(run.task, { paths, variables: base });
  checkVariableNames(own);
  const told = kind.tell(run.task, { base, attemptFolder });
  return { argv, own, full: processEnvironment(run, { base, paths, attemptFolder, own, told }) };
}

/** Process for people and for a resumed session. Of its environment only its own variables, with `${env:NAME}` unfilled. */
export function describeSpec<T extends ProcessTask>(
  run: ProcessRun<T>,
  kind: ProcessKind<T>,
  paths: CommandPaths,
): JsonObject {
  const { run_id, session_id, attempt, run_index, total_runs, task } = run;
  const load_versions = listVersions(run);
  const { inputs, outputs } = paths;
  const about = { run_id, session_id, run: run.run, attempt, run_index, total_runs };
  const { argv, environment } = kind.fill(task, { paths });
  const what = { argv, ...kind.describe(task) };
  const variables = listVariables(task);
  return { protocol: 1, ...about, ...what, cwd: task.cwd, environment, variables, load_versions, inputs, outputs };
}

/** Each input's and output's path, as the command sees it. */
export function namePaths(
  run: ResolvedRun,
  outputs: readonly PlannedOutput[],
  values: Readonly<Record<string, string>>,
): CommandPaths {
  const consumed = listInputs(run).map(([name, { version }]) => [name, version.location] as const);
  return {
    inputs: Object.fromEntries([...consumed, ...Object.entries(values)]),
    outputs: Object.fromEntries(outputs.map(({ name, written }) => [name, written])),
  };
}
