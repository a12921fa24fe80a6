import type { CommandTask, KedroTask } from "../../core/port/runner.ts";
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
  const outputs = Object.entries(task.outputs).map(([name, { path }]) => [name, path === null ? null : write(path)]);
  return {
    command: task.argv.map(write),
    module: task.module === undefined ? null : write(task.module.path),
    params: task.module?.params ?? null,
    shell: task.shell,
    cwd: write(task.cwd),
    environment: task.environment,
    outputs: Object.fromEntries(outputs),
  };
}

function leaveOutEmpty(task: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(task).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: Json): boolean {
  if (value === null || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
