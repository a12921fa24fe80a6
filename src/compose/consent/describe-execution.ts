import type { UndoneFile } from "../../core/event/rollback-event.ts";
import type { KedroTask, ProcessTask, Task } from "../../core/port/runner.ts";
import type { EnvironmentFacts, SessionRecord } from "../../core/run.ts";
import { describeUndoing } from "../../report/result/describe-undoing.ts";
import { formatBytes } from "../../report/text/duration.ts";
import { showWord } from "./show-word.ts";

/** Runs of a session that would be executed as a registry describes them. */
export interface Execution {
  session: Pick<SessionRecord, "session_id" | "workflow" | "git_commit" | "git_dirty" | "origin">;
  runs: readonly { run: string; task: Task }[];
  /** Folder of the versions that the runs would save. Absolute, or a URL prefix. Default: the state folder's own. */
  store?: string;
  /** True if the commit would be checked out, and the kept changes applied. */
  rebuilds?: boolean;
  /** Environment whose packages would be installed. */
  installs?: EnvironmentFacts | null;
  /** Files that would be written, moved or removed. */
  files?: readonly UndoneFile[];
}

/** Describes an execution in lines for people. Each text of the registry is one word, which can't look like another line. */
export function describeExecution({ session, runs, rebuilds = false, installs = null }: Execution): string[] {
  const { session_id, workflow } = session;
  const code = `${rebuilds ? "on" : "recorded with"} ${describeCode(session)}`;
  return [
    `session ${session_id} of ${showWord(workflow)}, ${code}:`,
    ...(installs === null ? [] : describeInstallation(installs)),
    ...runs.flatMap(({ run, task }) => describeRun(showWord(run), task)),
  ];
}

/** Describes what would be done to files, each in one line. */
export function describeFiles({ files = [] }: Execution): string[] {
  const named = files.map((file) => ({ ...file, path: showWord(file.path) }));
  return named.flatMap((file) => describeUndoing({ location: file.path, files: [file] }, "planned"));
}

function describeCode({ git_commit, git_dirty, origin }: Execution["session"]): string {
  if (git_commit === null) return "no commit";
  const commit = `commit ${showWord(git_commit)}`;
  const patch = origin?.patch ?? null;
  if (patch !== null)
    return `${commit} and ${formatBytes(patch.bytes)} of uncommitted changes (${showWord(patch.digest)})`;
  return git_dirty === true ? `${commit} and uncommitted changes, which were not kept` : commit;
}

function describeInstallation({ python, packages }: EnvironmentFacts): string[] {
  const pins = Object.entries(packages).map(([name, version]) => showWord(`${name}==${version}`));
  return [`  installs with pip, for Python ${showWord(python)}: ${pins.join(" ") || "no package"}`];
}

function describeRun(run: string, task: Task): string[] {
  switch (task.kind) {
    case "kedro":
      return describeKedro(run, task);
    case "command": {
      const words = task.argv.map(showWord).join(" ");
      return [`  ${run}: ${task.shell ? `in a shell: ${words}` : words}`, ...describeProcess(task)];
    }
    case "module": {
      const { path, params } = task.module;
      const parameters = `    parameters: ${showWord(JSON.stringify(params))}`;
      return [`  ${run}: module ${showWord(path)}`, ...describeProcess(task), parameters];
    }
    default:
      return task satisfies never;
  }
}

function describeKedro(run: string, task: KedroTask): string[] {
  const { python, pipeline_names, project_path, env, conf_source, runner, runtime_params } = task;
  const pipelines = pipeline_names.map(showWord).join(", ") || "__default__";
  const program = python === null ? "the project's Python" : showWord(python);
  return [
    `  ${run}: Kedro, pipelines ${pipelines}, with ${program} and ${showWord(runner)}`,
    `    in ${showWord(project_path)}`,
    ...(env === null && conf_source === null ? [] : [`    configuration: ${describeConfiguration(env, conf_source)}`]),
    ...(Object.keys(runtime_params).length === 0
      ? []
      : [`    parameters: ${showWord(JSON.stringify(runtime_params))}`]),
  ];
}

function describeConfiguration(env: string | null, conf_source: string | null): string {
  const parts = [
    ...(conf_source === null ? [] : [showWord(conf_source)]),
    ...(env === null ? [] : [`environment ${showWord(env)}`]),
  ];
  return parts.join(", ");
}

function describeProcess({ cwd, environment }: ProcessTask): string[] {
  const variables = Object.entries(environment).map(([name, value]) => `${showWord(name)}=${showWord(value)}`);
  return [`    in ${showWord(cwd)}`, ...(variables.length === 0 ? [] : [`    with ${variables.join(" ")}`])];
}
