import type { Json, RunKind } from "../../core/run.ts";
import { findLimit } from "../find-limit.ts";
import { versionOf, versionOfFile } from "../frozen-version.ts";
import { listTurns } from "../places/list-turns.ts";
import type { FrozenInput, Plan, PlannedRun } from "../plan.ts";
import { type PolicyJson, type ResourcesJson, toPolicyJson, toResourcesJson } from "./describe-policy.ts";

/** Output of `plan --json`. */
export interface PlanJson {
  /** Resources that the runs together may take at a time; left out if none takes any. */
  resources?: ResourcesJson;
  /** Runs in an order that can be executed. */
  runs: PlannedRunJson[];
}

export interface PlannedRunJson {
  run: string;
  kind: RunKind;
  /** The path of the module whose function runs; left out of everything else. */
  module?: string;
  needs: string[];
  consumes: Record<string, PlannedSourceJson>;
  /** Null for what an upstream run is still to save. */
  load_versions: Record<string, string | null>;
  /** Policy of the run; left out if it is the default. */
  policy?: PolicyJson;
  /** Places that it uses when no other one of these runs does; left out if there are none. */
  turns?: { path: string; with: string[] }[];
}

/** Source of a dataset: a run of the session, a file, a value, or an earlier run. */
type PlannedSourceJson =
  | { run: string; dataset: string }
  | { file: string }
  | { value: Json }
  | { run_id: string; run: string | null; dataset: string };

export function toPlanJson(plan: Plan): PlanJson {
  const limit = findLimit(plan);
  return { ...(limit === null ? {} : { resources: toResourcesJson(limit) }), runs: describeRuns(plan) };
}

function describeRuns({ runs }: Plan): PlannedRunJson[] {
  const turns = listTurns(runs);
  return runs.map((run) => {
    const own = turns.get(run.run)?.map(({ path, others }) => ({ path, with: others }));
    return { ...describeRun(run), ...(own === undefined ? {} : { turns: own }) };
  });
}

function describeRun(run: PlannedRun): PlannedRunJson {
  const inputs = Object.entries(run.consumes);
  const policy = toPolicyJson(run);
  const injects = Object.entries(run.injects);
  return {
    run: run.run,
    kind: run.task.kind,
    ...(run.task.kind === "command" && run.task.module !== undefined ? { module: run.task.module.path } : {}),
    needs: [...run.needs],
    consumes: Object.fromEntries([
      ...inputs.map(([dataset, input]) => [dataset, { run: input.run, dataset: input.dataset }]),
      ...injects.map(([dataset, input]) => [dataset, describeSource(input)]),
    ]),
    load_versions: Object.fromEntries([
      ...inputs.map(([dataset]) => [dataset, null]),
      ...injects.map(([dataset, input]) => [dataset, versionOf(input)]),
      ...Object.entries(run.frozen),
      ...Object.entries(run.files ?? {}).map(([dataset, file]) => [dataset, versionOfFile(file)]),
    ]),
    ...(policy === null ? {} : { policy }),
  };
}

function describeSource(input: FrozenInput): PlannedSourceJson {
  switch (input.rule) {
    case "file":
      return { file: input.from_dataset };
    case "value":
      return { value: input.value };
    case "run_id":
    case "alias":
      return { run_id: input.version.version, run: input.from_run, dataset: input.from_dataset };
    default:
      return input satisfies never;
  }
}
