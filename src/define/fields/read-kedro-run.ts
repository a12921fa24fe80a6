import type { PipelineFilters } from "../../core/port/runner.ts";
import type { JsonObject } from "../../core/run.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import type { KedroDefinition, KeyPath } from "../definition.ts";
import { atKey, atValue, type Finding } from "../finding.ts";
import type { DefaultsInput, KedroRunInput } from "../schema.ts";
import { mergeParams } from "./merge-params.ts";
import { checkListed, type RunScope, readCommonFields, resolvePath } from "./read-common.ts";
import { readKeepWorker } from "./read-duration.ts";

const RUNNERS = ["SequentialRunner", "ThreadRunner", "ParallelRunner"];
const DOTTED_CLASS = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/;

/** A run of a Kedro pipeline, defaults applied: its own fields, then `defaults`, then the workflow's. */
export function readKedroRun(name: string, input: KedroRunInput, scope: RunScope): KedroDefinition {
  const path = ["runs", name];
  const { dir, header, defaults, findings } = scope;
  const merged = { ...defaults, ...input };
  const project = merged.project ?? header.project;
  const python = merged.python ?? header.python;
  checkRunner(merged.runner, input.runner === undefined ? ["defaults", "runner"] : [...path, "runner"], findings);
  checkListed(input.outputs ?? [], [...path, "outputs"], findings);
  const common = readCommonFields(path, input, scope);
  const ownKeepMs = readKeepWorker(input.keep_worker, [...path, "keep_worker"], findings);
  // A wrong default was found once, where it stands.
  const keepMs = input.keep_worker === undefined ? readKeepWorker(defaults.keep_worker, [], []) : ownKeepMs;
  return {
    kind: "kedro",
    name,
    ...common,
    policy: keepMs === null ? common.policy : { ...common.policy, keepWorkerMs: keepMs },
    project: resolvePath(dir, project ?? "."),
    python: python === undefined ? null : resolveProgram(dir, python),
    env: merged.env ?? null,
    conf_source: merged.conf_source === undefined ? null : resolvePath(dir, merged.conf_source),
    pipeline_names: readPipelines(input, path, findings),
    filters: readFilters(merged),
    params: mergeParams(defaults.params as JsonObject | undefined, input.params as JsonObject | undefined),
    runner: merged.runner ?? "SequentialRunner",
    is_async: merged.async ?? false,
    outputs: [...(input.outputs ?? [])],
  };
}

/** A bare name is looked up in the PATH, anything else is a path. */
function resolveProgram(dir: string, program: string): string {
  return program.includes("/") ? resolvePath(dir, program) : program;
}

function readPipelines(input: KedroRunInput, path: KeyPath, findings: Finding[]): string[] {
  if (input.pipeline !== undefined && input.pipelines !== undefined) {
    const message = "`pipeline` and `pipelines` exclude each other";
    findings.push(atKey([...path, "pipelines"], "invalid-value", message, "name them all under `pipelines`"));
  }
  return input.pipelines ?? (input.pipeline === undefined ? [] : [input.pipeline]);
}

function readFilters(merged: DefaultsInput): PipelineFilters {
  return {
    tags: merged.tags ?? [],
    node_names: merged.nodes ?? [],
    from_nodes: merged.from_nodes ?? [],
    to_nodes: merged.to_nodes ?? [],
    from_inputs: merged.from_inputs ?? [],
    to_outputs: merged.to_outputs ?? [],
    namespaces: merged.namespaces ?? [],
  };
}

function checkRunner(runner: string | undefined, path: KeyPath, findings: Finding[]): void {
  if (runner === undefined || runner.includes("${") || RUNNERS.includes(runner) || DOTTED_CLASS.test(runner)) return;
  const hint = (): string => didYouMean(runner, RUNNERS) ?? `one of ${RUNNERS.join(", ")}, or a dotted class`;
  findings.push(atValue(path, "invalid-value", `"${runner}" is not a runner`, hint));
}
