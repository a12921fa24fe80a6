import type { Location } from "../../src/core/error/problem.ts";
import type { PipelineFilters } from "../../src/core/port/runner.ts";
import { NO_RESOURCES } from "../../src/core/resources.ts";
import { DEFAULT_POLICY } from "../../src/core/run-policy.ts";
import type {
  CommandDefinition,
  ConsumeDefinition,
  KedroDefinition,
  MatrixDefinition,
  ModuleDefinition,
  RunDefinition,
  WorkflowDefinition,
} from "../../src/define/definition.ts";

export const NO_FILTERS: PipelineFilters = {
  tags: [],
  node_names: [],
  from_nodes: [],
  to_nodes: [],
  from_inputs: [],
  to_outputs: [],
  namespaces: [],
};

/** A workflow whose `locate` answers with the path that it was asked for, in place of a file name. */
export function makeWorkflow(runs: RunDefinition[], changes: Partial<WorkflowDefinition> = {}): WorkflowDefinition {
  return {
    name: "churn",
    file: "/w/churn.yaml",
    dir: "/w",
    project: "/w/project",
    max_parallel: null,
    on_failure: "fail-fast",
    isolate: "all",
    floating: [],
    publish: [],
    capture: "all",
    store: null,
    remote_stores: {},
    resources: {},
    runs,
    locate: (path): Location => ({ file: path.join("/"), line: 1, column: path.length }),
    ...changes,
  };
}

export function makeKedro(name: string, changes: Partial<KedroDefinition> = {}): KedroDefinition {
  return {
    kind: "kedro",
    name,
    needs: [],
    consumes: {},
    injects: {},
    matrix: null,
    timeoutMs: null,
    cache: "off",
    policy: DEFAULT_POLICY,
    onRollback: null,
    resources: NO_RESOURCES,
    project: "/w/project",
    python: null,
    env: null,
    conf_source: null,
    pipeline_names: ["__default__"],
    filters: NO_FILTERS,
    params: {},
    runner: "SequentialRunner",
    is_async: false,
    outputs: [],
    ...changes,
  };
}

export function makeCommand(name: string, changes: Partial<CommandDefinition> = {}): CommandDefinition {
  return {
    kind: "command",
    name,
    needs: [],
    consumes: {},
    injects: {},
    matrix: null,
    timeoutMs: null,
    cache: "off",
    policy: DEFAULT_POLICY,
    onRollback: null,
    resources: NO_RESOURCES,
    argv: ["true"],
    shell: false,
    cwd: "/w",
    environment: {},
    outputs: {},
    sources: [],
    ...changes,
  };
}

export function makeModule(
  name: string,
  module: ModuleDefinition["module"],
  changes: Partial<ModuleDefinition> = {},
): ModuleDefinition {
  const { argv: _, shell: __, ...fields } = makeCommand(name);
  return { ...fields, kind: "module", module, ...changes };
}

export function makeMatrix(
  axes: MatrixDefinition["axes"],
  changes: Partial<Omit<MatrixDefinition, "axes">> = {},
): MatrixDefinition {
  return { axes, include: [], exclude: [], ...changes };
}

export function from(run: string, dataset: string, changes: Partial<ConsumeDefinition> = {}): ConsumeDefinition {
  return { run, dataset, as: "upstream", where: null, ...changes };
}
