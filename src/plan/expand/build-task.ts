import { isProcess } from "../../core/kinds.ts";
import type {
  CommandTask,
  KedroTask,
  ModuleTask,
  PipelineFilters,
  ProcessFields,
  ProcessTask,
  Task,
} from "../../core/port/runner.ts";
import type { JsonObject } from "../../core/run.ts";
import type {
  CommandDefinition,
  KedroDefinition,
  KeyPath,
  ModuleDefinition,
  RunDefinition,
  WorkflowDefinition,
} from "../../define/definition.ts";
import { fillScript } from "./fill-script.ts";
import {
  fillAbsolutePath,
  hasReference,
  keepVariables,
  type Scope,
  substituteJson,
  substituteText,
} from "./substitute.ts";

/** Names of filters in the file. */
const FILTER_KEYS: Readonly<Record<keyof PipelineFilters, string>> = {
  tags: "tags",
  node_names: "nodes",
  from_nodes: "from_nodes",
  to_nodes: "to_nodes",
  from_inputs: "from_inputs",
  to_outputs: "to_outputs",
  namespaces: "namespaces",
};

/**
 * Builds one arm's task. The paths of a command's inputs and outputs, and `${env:NAME}` in its words, variables and
 * parameters, are still to be filled in. Shares no value.
 */
export function buildTask(workflow: WorkflowDefinition, run: RunDefinition, scope: Scope): Task {
  const fill: Fill = { dir: workflow.dir, scope, path: ["runs", run.name] };
  switch (run.kind) {
    case "kedro":
      return buildKedroTask(workflow, run, fill);
    case "command":
    case "module":
      return buildProcess(run, fill);
    default:
      return run satisfies never;
  }
}

function buildProcess(run: CommandDefinition | ModuleDefinition, fill: Fill): ProcessTask {
  return run.kind === "command" ? buildCommandTask(run, fill) : buildModuleTask(run, fill);
}

/** The command that takes a run back: in the folder of a process, with its variables; else in the workflow file's. */
export function buildRollback(workflow: WorkflowDefinition, run: RunDefinition, scope: Scope): CommandTask | null {
  if (run.onRollback === null) return null;
  const fill: Fill = { dir: workflow.dir, scope, path: ["runs", run.name] };
  const argv = fillList(run.onRollback, "on_rollback", { ...fill, scope: keepVariables(fill.scope) });
  const { cwd, environment } = isProcess(run) ? buildProcess(run, fill) : { cwd: workflow.dir, environment: {} };
  return { kind: "command", argv, shell: false, cwd, environment, outputs: {} };
}

interface Fill {
  /** Folder against which paths of the definition were made absolute. */
  dir: string;
  scope: Scope;
  /** Path of the run in the file. */
  path: KeyPath;
}

function buildKedroTask(workflow: WorkflowDefinition, run: KedroDefinition, fill: Fill): KedroTask {
  const { scope, path } = fill;
  return {
    kind: "kedro",
    project_path: run.project,
    python: run.python,
    env: run.env === null ? scope.environment.KEDRO_ENV || null : substituteText(run.env, scope, [...path, "env"]),
    conf_source: run.conf_source === null ? null : fillPath(run.conf_source, "conf_source", fill),
    pipeline_names: fillList(run.pipeline_names, run.pipeline_names.length === 1 ? "pipeline" : "pipelines", fill),
    filters: fillFilters(run.filters, fill),
    runtime_params: fillParams(run.params, fill),
    runner: substituteText(run.runner, scope, [...path, "runner"]),
    is_async: run.is_async,
    isolate: workflow.isolate,
    remote_stores: { ...workflow.remote_stores },
    floating: [...workflow.floating],
    outputs: [...run.outputs],
  };
}

function buildCommandTask(run: CommandDefinition, fill: Fill): CommandTask {
  const kept: Fill = { ...fill, scope: keepVariables(fill.scope) };
  const words = run.shell
    ? fillScript(run.argv.join(" "), kept.scope, [...fill.path, "command"])
    : { argv: fillList(run.argv, "command", kept), environment: {} };
  const fields = fillProcess(run, fill);
  const environment = { ...fields.environment, ...words.environment };
  return { kind: "command", argv: words.argv, shell: run.shell, ...fields, environment };
}

function buildModuleTask(run: ModuleDefinition, fill: Fill): ModuleTask {
  const { path, params } = run.module;
  const module = { path: fillPath(path, "module", fill), params: fillParams(params, fill) };
  return { kind: "module", ...fillProcess(run, fill), module };
}

function fillProcess(run: ProcessFields, fill: Fill): ProcessFields {
  const { path } = fill;
  const scope = keepVariables(fill.scope);
  const environment = Object.entries(run.environment).map(([name, text]) => {
    return [name, substituteText(text, scope, [...path, "environment", name])] as const;
  });
  const outputs = Object.entries(run.outputs).map(([name, output]) => {
    return [name, { path: output.path === null ? null : fillPath(output.path, ["outputs", name], fill) }];
  });
  return {
    cwd: fillPath(run.cwd, "cwd", fill),
    environment: Object.fromEntries(environment),
    outputs: Object.fromEntries(outputs),
  };
}

function fillParams(params: JsonObject, fill: Fill): JsonObject {
  const { path } = fill;
  const scope = keepVariables(fill.scope);
  const entries = Object.entries(params);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, substituteJson(value, scope, [...path, "params", key])]),
  );
}

function fillFilters(filters: PipelineFilters, fill: Fill): PipelineFilters {
  return {
    tags: fillList(filters.tags, FILTER_KEYS.tags, fill),
    node_names: fillList(filters.node_names, FILTER_KEYS.node_names, fill),
    from_nodes: fillList(filters.from_nodes, FILTER_KEYS.from_nodes, fill),
    to_nodes: fillList(filters.to_nodes, FILTER_KEYS.to_nodes, fill),
    from_inputs: fillList(filters.from_inputs, FILTER_KEYS.from_inputs, fill),
    to_outputs: fillList(filters.to_outputs, FILTER_KEYS.to_outputs, fill),
    namespaces: fillList(filters.namespaces, FILTER_KEYS.namespaces, fill),
  };
}

function fillList(texts: readonly string[], key: string, { scope, path }: Fill): string[] {
  if (!texts.some(hasReference)) return [...texts];
  return texts.map((text, index) => substituteText(text, scope, [...path, key, index]));
}

function fillPath(text: string, key: string | string[], { dir, scope, path }: Fill): string {
  return fillAbsolutePath(text, { dir, scope, path: [...path, ...[key].flat()] });
}
