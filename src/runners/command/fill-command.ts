import type { CommandTask, ModuleCall, ResolvedRun } from "../../core/port/runner.ts";
import { listVersions } from "../../core/read-version.ts";
import type { JsonObject } from "../../core/run.ts";
import { listInputs } from "../../core/select-reads.ts";
import { fillVariablesOf, listVariables } from "../../core/variables.ts";
import { checkVariableNames } from "../../processes/find-program.ts";
import { type CommandPaths, fillPaths } from "../fill-paths.ts";
import { listModuleWords } from "../module/module-command.ts";
import { commandEnvironment, type EnvironmentParts } from "./command-environment.ts";
import type { PlannedOutput } from "./command-outputs.ts";

type CommandRun = ResolvedRun & { task: CommandTask };

/** A command with all references filled in. */
interface FilledRun {
  argv: string[];
  /** The task's own variables. */
  own: Record<string, string>;
  /** All that it finds in its environment. */
  full: NodeJS.ProcessEnv;
}

/** The words and variables that a command is started with. Throws UnsetVariableError, UnknownPathError, CommandProblem. */
export function fillCommand(
  run: CommandRun,
  parts: Pick<EnvironmentParts, "base" | "paths" | "attemptFolder">,
): FilledRun {
  const { argv, environment: own } = fillPaths(run.task, { paths: parts.paths, variables: parts.base });
  checkVariableNames(own);
  const module = fillModule(run.task.module, parts.base);
  const full = commandEnvironment(run, { ...parts, own, module });
  return { argv: module === undefined ? argv : listModuleWords(module), own, full };
}

/** Fills in the values of the variables that its parameters refer to. Throws UnsetVariableError. */
function fillModule(module: ModuleCall | undefined, variables: NodeJS.ProcessEnv): ModuleCall | undefined {
  return module === undefined ? undefined : { ...module, params: fillVariablesOf(module.params, variables) };
}

/** Command for people and for a resumed session. Of its environment only its own variables, with `${env:NAME}` unfilled. */
export function describeSpec(run: CommandRun, paths: CommandPaths): JsonObject {
  const { run_id, session_id, attempt, run_index, total_runs, task } = run;
  const load_versions = listVersions(run);
  const { inputs, outputs } = paths;
  const about = { run_id, session_id, run: run.run, attempt, run_index, total_runs };
  const { module } = task;
  const { argv, environment } = fillPaths(task, { paths });
  const what =
    module === undefined
      ? { argv }
      : { argv: listModuleWords(module), module: { path: module.path, params: module.params } };
  const variables = listVariables([task.argv, task.environment, module?.params ?? null]);
  return { protocol: 1, ...about, ...what, cwd: task.cwd, environment, variables, load_versions, inputs, outputs };
}

/** Each input's and output's path, as the command sees it. */
export function namePaths(
  run: CommandRun,
  outputs: readonly PlannedOutput[],
  values: Readonly<Record<string, string>>,
): CommandPaths {
  const consumed = listInputs(run).map(([name, { version }]) => [name, version.location] as const);
  return {
    inputs: Object.fromEntries([...consumed, ...Object.entries(values)]),
    outputs: Object.fromEntries(outputs.map(({ name, written }) => [name, written])),
  };
}
