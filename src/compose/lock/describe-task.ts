import type { CommandTask, KedroTask, ModuleTask, ProcessFields } from "../../core/port/runner.ts";
import type { Json } from "../../core/run.ts";
import type { ExpandedRun, PlannedRun } from "../../plan/plan.ts";
import { toPolicyJson } from "../../plan/show/describe-policy.ts";
import type { WritePath } from "./portable-path.ts";

/** Describes a run of the workflow file without its pins, as a lock file has it. Unset fields are left out. */
export function describeTask(
  planned: PlannedRun,
  { hidden, write }: { hidden: ExpandedRun; write: WritePath },
): Record<string, Json> {
  // Resources do not change a run's result.
  const { resources: _, ...policy } = toPolicyJson(planned) ?? {};
  const common = { kind: planned.task.kind, needs: planned.needs.toSorted(), policy: policy as Record<string, Json> };
  return leaveOutEmpty({ ...common, ...describeKind(hidden.task, write) });
}

function describeKind(task: ExpandedRun["task"], write: WritePath): Record<string, Json> {
  switch (task.kind) {
    case "kedro":
      return describeKedroTask(task, write);
    case "command":
      return describeCommandTask(task, write);
    case "module":
      return describeModuleTask(task, write);
    default:
      return task satisfies never;
  }
}

/** Describes a Kedro task; its Python is part of the environment. */
function describeKedroTask(task: KedroTask, write: WritePath): Record<string, Json> {
  return {
    project: write(task.project_path),
    env: task.env,
    conf_source: task.conf_source === null ? null : write(task.conf_source),
    pipelines: task.pipeline_names,
    filters: leaveOutEmpty({ ...task.filters }),
    params: task.runtime_params,
    runner: task.runner,
    async: task.is_async,
    outputs: task.outputs.toSorted(),
    floating: task.floating.toSorted(),
    stores: task.remote_stores,
  };
}

function describeCommandTask(task: CommandTask, write: WritePath): Record<string, Json> {
  return { command: task.argv.map(write), shell: task.shell, ...describeProcess(task, write) };
}

function describeModuleTask(task: ModuleTask, write: WritePath): Record<string, Json> {
  const { path, params } = task.module;
  return { module: write(path), params, ...describeProcess(task, write) };
}

function describeProcess({ cwd, environment, outputs }: ProcessFields, write: WritePath): Record<string, Json> {
  const places = Object.entries(outputs).map(([name, { path }]) => [name, path === null ? null : write(path)]);
  return { cwd: write(cwd), environment, outputs: Object.fromEntries(places) };
}

function leaveOutEmpty(task: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(task).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: Json): boolean {
  if (value === null || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
